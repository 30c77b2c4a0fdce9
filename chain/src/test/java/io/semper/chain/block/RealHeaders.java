package io.semper.chain.block;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.rlp.RlpReader;
import io.semper.core.types.Block;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Chains made by others, with their networks: what the header rules are tried on.
public final class RealHeaders {
  private RealHeaders() {}

  /// Every fork from Frontier to BPO2 within 54 blocks.
  public static List<Block> everyFork() throws IOException {
    List<Block> blocks = new ArrayList<>();
    blocks.add(everyForkNetwork().genesisBlock());
    blocks.addAll(read("rpc-compat/chain.rlp"));
    return blocks;
  }

  public static Network everyForkNetwork() throws IOException {
    return Genesis.read(Files.readAllBytes(Fixtures.path("rpc-compat/genesis.json")));
  }

  /// Mainnet from its genesis block to 999, with ommers.
  public static List<Block> mainnet() throws IOException {
    return read("chains/mainnet-1-999.blocks");
  }

  /// Single mainnet headers, as JSON-RPC gives them.
  ///
  /// @param wanted takes the name of a sample: that of a fork, or a block number
  public static List<Header> mainnetSamples(Predicate<String> wanted) {
    List<Header> headers = new ArrayList<>();
    Fixtures.readJson(
        "mainnet-blocks.tar.xz",
        path -> wanted.test(path.substring(path.lastIndexOf('/') + 1, path.lastIndexOf('.'))),
        (path, json) -> headers.add(header(json.has("result") ? json.get("result") : json)));
    return headers;
  }

  private static Header header(JsonNode block) {
    Header.Builder header =
        Header.builder()
            .parentHash(Hash32.of(text(block, "parentHash")))
            .ommersHash(Hash32.of(text(block, "sha3Uncles")))
            .beneficiary(Address.of(text(block, "miner")))
            .stateRoot(Hash32.of(text(block, "stateRoot")))
            .transactionsRoot(Hash32.of(text(block, "transactionsRoot")))
            .receiptsRoot(Hash32.of(text(block, "receiptsRoot")))
            .logsBloom(Bloom.of(Hex.decode(text(block, "logsBloom"))))
            .difficulty(UInt256.ofHex(text(block, "difficulty")))
            .number(number(block, "number"))
            .gasLimit(number(block, "gasLimit"))
            .gasUsed(number(block, "gasUsed"))
            .timestamp(number(block, "timestamp"))
            .extraData(Hex.decode(text(block, "extraData")))
            .mixHash(Hash32.of(text(block, "mixHash")))
            .nonce(UInt256.ofHex(text(block, "nonce")).limb0());
    if (block.has("baseFeePerGas")) {
      header.baseFeePerGas(UInt256.ofHex(text(block, "baseFeePerGas")));
    }
    if (block.has("withdrawalsRoot")) {
      header.withdrawalsRoot(Hash32.of(text(block, "withdrawalsRoot")));
    }
    if (block.has("blobGasUsed")) {
      header
          .blobGasUsed(number(block, "blobGasUsed"))
          .excessBlobGas(number(block, "excessBlobGas"))
          .parentBeaconBlockRoot(Hash32.of(text(block, "parentBeaconBlockRoot")));
    }
    if (block.has("requestsHash")) {
      header.requestsHash(Hash32.of(text(block, "requestsHash")));
    }
    Header built = header.build();
    assertThat(built.hash()).isEqualTo(Hash32.of(text(block, "hash")));
    return built;
  }

  private static String text(JsonNode block, String field) {
    return block.get(field).textValue();
  }

  private static long number(JsonNode block, String field) {
    return UInt256.ofHex(text(block, field)).limb0();
  }

  private static List<Block> read(String fixture) throws IOException {
    List<Block> blocks = new ArrayList<>();
    RlpReader in = new RlpReader(Files.readAllBytes(Fixtures.path(fixture)));
    while (in.hasNext()) {
      blocks.add(Block.decode(in.readRaw()));
    }
    return blocks;
  }
}
