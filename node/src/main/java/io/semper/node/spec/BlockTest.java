package io.semper.node.spec;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.BlobParams;
import io.semper.core.fork.Fork;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.genesis.Allocation;
import io.semper.genesis.GenesisAccount;
import io.semper.genesis.Network;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// One blockchain test: a genesis, blocks valid and invalid to import in turn, and the head and
/// state that must come out. In its Engine-API form blocks come as payloads.
public final class BlockTest {
  static final Address DEPOSIT_CONTRACT = Address.of("0x00000000219ab540356cbb839cbe05303d7705fa");

  private static final String EXPECT_EXCEPTION = "expectException";

  private final String name;
  private final Fields f;

  private BlockTest(String name, Fields fields) {
    this.name = name;
    f = fields;
  }

  private static final class Fields {
    Genesis genesis;
    byte[] genesisRlp = {};
    PreState pre;
    List<BlockStep> blocks = List.of();
    List<PayloadStep> payloads = List.of();
    Hash32 lastBlockHash = Hash32.ZERO;
    String network;
    UInt256 chainId = UInt256.ONE;
    PreState postState;
    Hash32 postStateHash;
    String sealEngine = "NoProof";
    final Map<Fork, BlobParams> blobParams = new EnumMap<>(Fork.class);
  }

  /// @param hash as the fixture gives it
  private record Genesis(Header header, Hash32 hash) {}

  /// A block to import.
  ///
  /// @param hash of a valid block, `null` for one that must be refused
  /// @param exceptions names of the rule an invalid block breaks, by what follows
  ///   `expectException`: nothing, `ALL`, or the name of a network
  record BlockStep(byte[] rlp, Hash32 hash, Map<String, String> exceptions) {
    boolean valid() {
      return hash != null;
    }

    /// Empty where no reason is stated.
    String exception(String network) {
      String any = exceptions.getOrDefault("", exceptions.getOrDefault("ALL", ""));
      return exceptions.getOrDefault(network, any);
    }
  }

  /// A payload to hand in.
  ///
  /// @param parameters of `engine_newPayload`
  /// @param validationError names of the rules one of which an invalid payload breaks, `null` for a
  ///   valid one
  /// @param errorCode of the reply to a request that is itself invalid, `null` for a status
  record PayloadStep(
      JsonNode parameters,
      int newPayloadVersion,
      int forkchoiceUpdatedVersion,
      String validationError,
      Integer errorCode) {}

  public String name() {
    return name;
  }

  /// The fixture's name of the network.
  public String networkName() {
    return f.network;
  }

  List<BlockStep> blocks() {
    return f.blocks;
  }

  List<PayloadStep> payloads() {
    return f.payloads;
  }

  Hash32 lastBlockHash() {
    return f.lastBlockHash;
  }

  /// `null` where only its root is given.
  PreState postState() {
    return f.postState;
  }

  /// `null` where the state is given in full.
  Hash32 postStateHash() {
    return f.postStateHash;
  }

  /// Whether blocks of proof of work show work.
  boolean sealed() {
    return f.sealEngine.equals("Ethash");
  }

  Hash32 genesisHash() {
    return f.genesis.hash;
  }

  /// Empty, or the genesis block as encoded.
  byte[] genesisRlp() {
    return f.genesisRlp;
  }

  /// Empty where the network's name is not known.
  Optional<Network> network() {
    Optional<ForkSchedule> forks = ForkNames.schedule(f.network, f.blobParams);
    return forks.map(schedule ->
        new Network(
            f.network,
            f.chainId,
            schedule,
            true,
            DEPOSIT_CONTRACT,
            null,
            false,
            Network.CONTRACT_SIZE_LIMIT_BYTES,
            null,
            f.genesis.header,
            allocation()));
  }

  private Allocation allocation() {
    TreeMap<Address, GenesisAccount> accounts = new TreeMap<>();
    f.pre
        .entries()
        .forEach((address, entry) ->
            accounts.put(
                address,
                new GenesisAccount(
                    entry.account().balance(),
                    entry.account().nonce(),
                    entry.code(),
                    entry.storage())));
    return new Allocation(accounts);
  }

  /// Reads a file of blockchain tests, handing over each as soon as it is read. Entries that are no
  /// blockchain tests are passed over.
  ///
  /// @throws MalformedFixtureException where the file is no fixture
  public static void readAll(FixtureInput in, Consumer<BlockTest> tests) {
    in.object(name -> {
      Fields fields = new Fields();
      in.object(member -> read(member, in, fields));
      if (fields.genesis != null && fields.pre != null && fields.network != null) {
        tests.accept(new BlockTest(name, fields));
      }
    });
  }

  private static void read(String member, FixtureInput in, Fields f) {
    switch (member) {
      case "genesisBlockHeader" -> f.genesis = readHeader(in);
      case "genesisRLP" -> f.genesisRlp = in.bytes();
      case "pre" -> f.pre = PreState.read(in);
      case "blocks" -> f.blocks = in.list(() -> readBlock(in));
      case "engineNewPayloads" -> f.payloads = in.list(() -> readPayload(in));
      case "lastblockhash" -> f.lastBlockHash = in.hash();
      case "network" -> f.network = in.text();
      case "postState" -> f.postState = in.nextIsNull() ? null : PreState.read(in);
      case "postStateHash" -> f.postStateHash = in.nextIsNull() ? null : in.hash();
      case "sealEngine" -> f.sealEngine = in.text();
      case "config" ->
          in.object(name -> {
            switch (name) {
              case "chainid" -> f.chainId = in.word();
              case "blobSchedule" -> in.object(fork -> readBlobParams(fork, in, f.blobParams));
              default -> in.skip();
            }
          });
      default -> in.skip();
    }
  }

  private static void readBlobParams(String name, FixtureInput in, Map<Fork, BlobParams> all) {
    var f =
        new Object() {
          int target;
          int max;
          long fraction;
        };
    in.object(member -> {
      switch (member) {
        case "target" -> f.target = in.integer();
        case "max" -> f.max = in.integer();
        case "baseFeeUpdateFraction" -> f.fraction = in.unsignedLong();
        default -> in.skip();
      }
    });
    ForkNames.fork(name)
        .ifPresent(fork -> all.put(fork, new BlobParams(f.target, f.max, f.fraction)));
  }

  private static BlockStep readBlock(FixtureInput in) {
    var f =
        new Object() {
          byte[] rlp = {};
          Hash32 hash;
          final Map<String, String> exceptions = new HashMap<>();
        };
    in.object(member -> {
      if (member.equals("rlp")) {
        f.rlp = in.bytes();
      } else if (member.equals("blockHeader")) {
        f.hash = readHash(in);
      } else if (member.startsWith(EXPECT_EXCEPTION)) {
        f.exceptions.put(member.substring(EXPECT_EXCEPTION.length()), in.text());
      } else {
        in.skip();
      }
    });
    return new BlockStep(f.rlp, f.hash, f.exceptions);
  }

  private static PayloadStep readPayload(FixtureInput in) {
    var f =
        new Object() {
          JsonNode parameters;
          int newPayload;
          int forkchoiceUpdated;
          String validationError;
          Integer errorCode;
        };
    in.object(member -> {
      switch (member) {
        case "params" -> f.parameters = in.tree();
        case "newPayloadVersion" -> f.newPayload = in.integer();
        case "forkchoiceUpdatedVersion" -> f.forkchoiceUpdated = in.integer();
        case "validationError" -> f.validationError = in.text();
        case "errorCode" -> f.errorCode = in.integer();
        default -> in.skip();
      }
    });
    return new PayloadStep(
        f.parameters, f.newPayload, f.forkchoiceUpdated, f.validationError, f.errorCode);
  }

  private static Hash32 readHash(FixtureInput in) {
    Hash32[] hash = {null};
    in.object(member -> {
      if (member.equals("hash")) {
        hash[0] = in.hash();
      } else {
        in.skip();
      }
    });
    return hash[0];
  }

  private static Genesis readHeader(FixtureInput in) {
    Header.Builder header = Header.builder();
    Hash32[] hash = {Hash32.ZERO};
    in.object(member -> {
      switch (member) {
        case "hash" -> hash[0] = in.hash();
        case "parentHash" -> header.parentHash(in.hash());
        case "uncleHash" -> header.ommersHash(in.hash());
        case "coinbase" -> header.beneficiary(in.address());
        case "stateRoot" -> header.stateRoot(in.hash());
        case "transactionsTrie" -> header.transactionsRoot(in.hash());
        case "receiptTrie" -> header.receiptsRoot(in.hash());
        case "bloom" -> header.logsBloom(Bloom.of(in.bytes()));
        case "difficulty" -> header.difficulty(in.word());
        case "number" -> header.number(in.unsignedLong());
        case "gasLimit" -> header.gasLimit(in.unsignedLong());
        case "gasUsed" -> header.gasUsed(in.unsignedLong());
        case "timestamp" -> header.timestamp(in.unsignedLong());
        case "extraData" -> header.extraData(in.bytes());
        case "mixHash" -> header.mixHash(in.hash());
        case "nonce" -> header.nonce(in.hash().toUInt256().limb0());
        case "baseFeePerGas" -> header.baseFeePerGas(in.word());
        case "withdrawalsRoot" -> header.withdrawalsRoot(in.hash());
        case "blobGasUsed" -> header.blobGasUsed(in.unsignedLong());
        case "excessBlobGas" -> header.excessBlobGas(in.unsignedLong());
        case "parentBeaconBlockRoot" -> header.parentBeaconBlockRoot(in.hash());
        case "requestsHash" -> header.requestsHash(in.hash());
        default -> in.skip();
      }
    });
    return new Genesis(header.build(), hash[0]);
  }
}
