package io.semper.core.types;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Signature;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.trie.Trie;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Real blocks of every fork of Ethereum mainnet, given as JSON-RPC objects: hashes, roots, senders
/// and sizes recomputed from the fields.
class MainnetBlocksTest {
  private static final int BLOCKS = 31;
  private static final Map<Integer, Integer> TRANSACTIONS_BY_TYPE =
      Map.of(0, 1286, 1, 3, 2, 2925, 3, 11, 4, 10);

  @Test
  void hashesRootsAndSendersOfRealBlocks() {
    int[] blocks = {0};
    Map<Integer, Integer> types = new TreeMap<>();
    Fixtures.readJson(
        "mainnet-blocks.tar.xz",
        name -> true,
        (name, json) -> {
          if (!json.has("transactionsRoot")) {
            return;
          }
          blocks[0]++;
          Header header = header(json);
          assertThat(header.hash()).as(name).isEqualTo(hash(json.get("hash")));
          assertThat(Header.decode(header.encode())).isEqualTo(header);
          assertThat(header.toBuilder().build()).isEqualTo(header);
          List<Transaction> transactions = new ArrayList<>();
          for (JsonNode node : json.get("transactions")) {
            Transaction transaction = transaction(node);
            types.merge(transaction.type(), 1, Integer::sum);
            assertThat(transaction.hash()).as(name).isEqualTo(hash(node.get("hash")));
            assertThat(transaction.sender()).as(name).isEqualTo(address(node.get("from")));
            transactions.add(transaction);
          }
          List<Withdrawal> withdrawals = withdrawals(json.get("withdrawals"));
          checkBody(name, json, new Block(header, transactions, List.of(), withdrawals));
        });
    assertThat(blocks[0]).isEqualTo(BLOCKS);
    assertThat(types).isEqualTo(TRANSACTIONS_BY_TYPE);
  }

  private static void checkBody(String name, JsonNode json, Block block) {
    assertThat(Trie.orderedRoot(block.transactions().stream().map(Transaction::encode).toList()))
        .as(name)
        .isEqualTo(block.header().transactionsRoot());
    if (block.withdrawals() != null) {
      assertThat(Trie.orderedRoot(block.withdrawals().stream().map(Withdrawal::encode).toList()))
          .as(name)
          .isEqualTo(block.header().withdrawalsRoot());
    }
    if (!json.get("uncles").isEmpty()) {
      return;
    }
    byte[] encoded = block.encode();
    assertThat(encoded.length).as(name).isEqualTo(Integer.decode(json.get("size").asText()));
    Block decoded = Block.decode(encoded);
    assertThat(decoded).isEqualTo(block);
    assertThat(decoded.encode()).isEqualTo(encoded);
    for (Transaction transaction : block.transactions()) {
      Transaction again = Transaction.decode(transaction.encode());
      assertThat(again.encode()).isEqualTo(transaction.encode());
      assertThat(again.signingHash()).isEqualTo(transaction.signingHash());
      assertThat(again.withSignature(again.signature())).isEqualTo(transaction);
    }
  }

  private static Header header(JsonNode j) {
    Header.Builder b =
        Header.builder()
            .parentHash(hash(j.get("parentHash")))
            .ommersHash(hash(j.get("sha3Uncles")))
            .beneficiary(address(j.get("miner")))
            .stateRoot(hash(j.get("stateRoot")))
            .transactionsRoot(hash(j.get("transactionsRoot")))
            .receiptsRoot(hash(j.get("receiptsRoot")))
            .logsBloom(Bloom.of(bytes(j.get("logsBloom"))))
            .difficulty(number(j.get("difficulty")))
            .number(uint64(j.get("number")))
            .gasLimit(uint64(j.get("gasLimit")))
            .gasUsed(uint64(j.get("gasUsed")))
            .timestamp(uint64(j.get("timestamp")))
            .extraData(bytes(j.get("extraData")))
            .mixHash(hash(j.get("mixHash")))
            .nonce(uint64(j.get("nonce")));
    if (j.hasNonNull("baseFeePerGas")) {
      b.baseFeePerGas(number(j.get("baseFeePerGas")));
    }
    if (j.hasNonNull("withdrawalsRoot")) {
      b.withdrawalsRoot(hash(j.get("withdrawalsRoot")));
    }
    if (j.hasNonNull("blobGasUsed")) {
      b.blobGasUsed(uint64(j.get("blobGasUsed"))).excessBlobGas(uint64(j.get("excessBlobGas")));
      b.parentBeaconBlockRoot(hash(j.get("parentBeaconBlockRoot")));
    }
    if (j.hasNonNull("requestsHash")) {
      b.requestsHash(hash(j.get("requestsHash")));
    }
    return b.build();
  }

  private static Transaction transaction(JsonNode j) {
    int type = j.has("type") ? (int) uint64(j.get("type")) : 0;
    long nonce = uint64(j.get("nonce"));
    long gas = uint64(j.get("gas"));
    Address to = j.hasNonNull("to") ? address(j.get("to")) : null;
    UInt256 value = number(j.get("value"));
    byte[] data = bytes(j.get("input"));
    long v = uint64(j.get("v"));
    Signature signature =
        new Signature((int) (type == 0 ? (v + 1) & 1 : v), number(j.get("r")), number(j.get("s")));
    if (type == 0) {
      UInt256 chainId = v < 35 ? null : UInt256.of((v - 35) / 2);
      return new LegacyTransaction(
          chainId, nonce, number(j.get("gasPrice")), gas, to, value, data, signature);
    }
    UInt256 chainId = number(j.get("chainId"));
    List<AccessListEntry> accessList = accessList(j.get("accessList"));
    if (type == 1) {
      return new AccessListTransaction(
          chainId, nonce, number(j.get("gasPrice")), gas, to, value, data, accessList, signature);
    }
    UInt256 tip = number(j.get("maxPriorityFeePerGas"));
    UInt256 cap = number(j.get("maxFeePerGas"));
    return switch (type) {
      case 2 ->
          new FeeMarketTransaction(
              chainId, nonce, tip, cap, gas, to, value, data, accessList, signature);
      case 3 ->
          new BlobTransaction(
              chainId,
              nonce,
              tip,
              cap,
              gas,
              to,
              value,
              data,
              accessList,
              number(j.get("maxFeePerBlobGas")),
              hashes(j.get("blobVersionedHashes")),
              signature);
      case 4 ->
          new SetCodeTransaction(
              chainId,
              nonce,
              tip,
              cap,
              gas,
              to,
              value,
              data,
              accessList,
              authorizations(j.get("authorizationList")),
              signature);
      default -> throw new AssertionError("transaction of type " + type);
    };
  }

  private static List<AccessListEntry> accessList(JsonNode list) {
    List<AccessListEntry> entries = new ArrayList<>();
    for (JsonNode e : list) {
      entries.add(new AccessListEntry(address(e.get("address")), hashes(e.get("storageKeys"))));
    }
    return entries;
  }

  private static List<Authorization> authorizations(JsonNode list) {
    List<Authorization> authorizations = new ArrayList<>();
    for (JsonNode a : list) {
      authorizations.add(
          new Authorization(
              number(a.get("chainId")),
              address(a.get("address")),
              uint64(a.get("nonce")),
              (int) uint64(a.get("yParity")),
              number(a.get("r")),
              number(a.get("s"))));
    }
    return authorizations;
  }

  private static List<Withdrawal> withdrawals(JsonNode list) {
    if (list == null || list.isNull()) {
      return null;
    }
    List<Withdrawal> withdrawals = new ArrayList<>();
    for (JsonNode w : list) {
      withdrawals.add(
          new Withdrawal(
              uint64(w.get("index")),
              uint64(w.get("validatorIndex")),
              address(w.get("address")),
              uint64(w.get("amount"))));
    }
    return withdrawals;
  }

  private static List<Hash32> hashes(JsonNode list) {
    List<Hash32> hashes = new ArrayList<>();
    list.forEach(h -> hashes.add(hash(h)));
    return hashes;
  }

  private static Hash32 hash(JsonNode node) {
    return Hash32.of(node.asText());
  }

  private static Address address(JsonNode node) {
    return Address.of(node.asText());
  }

  private static byte[] bytes(JsonNode node) {
    return Hex.decode(node.asText());
  }

  private static UInt256 number(JsonNode node) {
    return UInt256.ofHex(node.asText());
  }

  private static long uint64(JsonNode node) {
    return new BigInteger(node.asText().substring(2), 16).longValue();
  }
}
