package io.semper.chain.importer;

import io.semper.chain.block.BlockExecution;
import io.semper.chain.block.HeaderRules;
import io.semper.chain.block.OmmerRules;
import io.semper.chain.block.SealRule;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.core.types.LegacyTransaction;
import io.semper.core.types.Roots;
import io.semper.core.types.Transaction;
import io.semper.core.types.Withdrawal;
import io.semper.core.view.Account;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Makes valid blocks on any block it made before, knowing nothing of the ledger: states are kept
/// whole in maps and their roots computed from scratch. A seed makes the same blocks again.
final class TestChain {
  static final String LONDON_FORKS =
      """
      "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0,
      "byzantiumBlock": 0, "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0,
      "berlinBlock": 0, "londonBlock": 0, "ethash": {}
      """;

  static final String HOMESTEAD_FORKS = "\"homesteadBlock\": 0, \"ethash\": {}";

  static final String CANCUN_FORKS =
      LONDON_FORKS
          + """
          , "terminalTotalDifficulty": 0, "shanghaiTime": 0, "cancunTime": 0,
          "blobSchedule": {
            "cancun": {"target": 3, "max": 6, "baseFeeUpdateFraction": 3338477}
          }
          """;

  /// Stores the second word of its input under the first.
  static final Address SCRIBBLER = Address.of("0x00000000000000000000000000000000000a0001");

  /// Creates a contract from its input, always at the same address for the same input.
  static final Address FACTORY = Address.of("0x00000000000000000000000000000000000a0002");

  /// Stores the block's number under itself and leaves a contract that destroys itself when called.
  private static final byte[] MAYFLY = Hex.decode("434355" + "6133ff600052" + "6002601ef3");

  static final Address MAYFLY_ADDRESS = create2(FACTORY, MAYFLY);

  private static final UInt256 GAS_PRICE = UInt256.of(100_000_000_000L);
  private static final int KEYS = 3;

  private final Network network;
  private final HeaderRules rules;
  private final OmmerRules ommerRules;
  private final Random random;
  private final List<byte[]> keys = new ArrayList<>();
  private final Map<Hash32, Made> made = new HashMap<>();
  private final List<Block> order = new ArrayList<>();

  /// A block with what the test knows of it.
  record Made(Block block, UInt256 totalDifficulty, ReferenceState state) {}

  TestChain(String forks, long seed) {
    random = new Random(seed);
    StringBuilder alloc = new StringBuilder();
    for (int i = 0; i < KEYS; i++) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      key[0] = 1;
      keys.add(key);
      alloc.append("\"").append(address(key));
      alloc.append("\": {\"balance\": \"0x3635c9adc5dea00000\"},");
    }
    alloc.append("\"").append(SCRIBBLER).append("\": {\"balance\": \"0x0\", \"code\": ");
    alloc.append("\"0x60203560003555\", \"storage\": {\"0x05\": \"0x07\"}},");
    alloc.append("\"").append(FACTORY).append("\": {\"balance\": \"0x0\", \"code\": ");
    alloc.append("\"0x36600060003760003660006000f5\"}");
    String json =
        "{\"config\": {\"chainId\": 1337, "
            + forks
            + "}, \"difficulty\": \"0x20000\","
            + " \"gasLimit\": \"0x1c9c380\", \"timestamp\": \"0x10\","
            + (forks.contains("londonBlock") ? " \"baseFeePerGas\": \"0x3b9aca00\"," : "")
            + " \"alloc\": {"
            + alloc
            + "}}";
    network = Genesis.read(json.getBytes(StandardCharsets.UTF_8));
    rules = new HeaderRules(network, SealRule.NONE);
    ommerRules = new OmmerRules(rules);
    Block genesis = network.genesisBlock();
    remember(
        new Made(genesis, genesis.header().difficulty(), ReferenceState.of(network.allocation())));
  }

  Network network() {
    return network;
  }

  Made made(Hash32 hash) {
    return made.get(hash);
  }

  Made genesis() {
    return made.get(network.genesisHash());
  }

  /// All blocks in the order in which they were made.
  List<Block> blocks() {
    return order;
  }

  /// A block that extends a random recent one.
  Made nextSomewhere() {
    int back = Math.min(order.size(), 1 + (int) Math.abs(random.nextGaussian() * 6));
    return next(order.get(order.size() - back));
  }

  /// A block with random transactions on top of one made before.
  Made next(Block parent) {
    Made base = made.get(parent.header().hash());
    List<Transaction> transactions = new ArrayList<>();
    Map<Address, Long> nonces = new HashMap<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      transactions.add(transaction(base.state(), nonces));
    }
    return seal(base, transactions);
  }

  Made next(Block parent, List<Transaction> transactions) {
    return seal(made.get(parent.header().hash()), transactions);
  }

  private Made seal(Made base, List<Transaction> transactions) {
    Header parent = base.block().header();
    long timestamp = parent.timestamp() + 1 + random.nextInt(40);
    Fork fork = rules.fork(parent.number() + 1, timestamp, base.totalDifficulty());
    byte[] extra = new byte[8];
    random.nextBytes(extra);
    Header.Builder header =
        Header.builder()
            .parentHash(parent.hash())
            .number(parent.number() + 1)
            .timestamp(timestamp)
            .gasLimit(parent.gasLimit())
            .beneficiary(Address.of(new byte[20], 0))
            .extraData(extra);
    if (fork.before(Fork.PARIS)) header.difficulty(rules.nextDifficulty(parent, timestamp, fork));
    if (fork.atLeast(Fork.LONDON)) header.baseFeePerGas(rules.nextBaseFee(parent));
    List<Withdrawal> withdrawals = null;
    if (fork.atLeast(Fork.SHANGHAI)) {
      withdrawals =
          List.of(new Withdrawal(parent.number(), 1, address(keys.getFirst()), random.nextInt(9)));
      header.withdrawalsRoot(Roots.withdrawals(withdrawals));
    }
    if (fork.atLeast(Fork.CANCUN)) {
      header
          .blobGasUsed(0L)
          .excessBlobGas(rules.nextExcessBlobGas(parent, fork))
          .parentBeaconBlockRoot(Keccak.hash(extra));
    }
    List<Header> ommers = fork.before(Fork.PARIS) ? ommers(base, header.build()) : List.of();
    BlockExecution execution =
        new BlockExecution(
            network,
            fork,
            header.build(),
            base.state(),
            number -> ancestor(parent, number),
            diff -> base.state().after(diff).root());
    for (Transaction transaction : transactions) {
      TxResult result = execution.execute(transaction);
      if (result instanceof TxResult.Invalid invalid) {
        throw new IllegalStateException(invalid.reason());
      }
    }
    execution.finish(ommers, withdrawals);
    ReferenceState state = base.state().after(execution.diff());
    Header sealed =
        header
            .ommersHash(OmmerRules.hash(ommers))
            .transactionsRoot(Roots.transactions(transactions))
            .receiptsRoot(Roots.receipts(execution.receipts()))
            .logsBloom(Bloom.union(execution.receipts()))
            .gasUsed(execution.gasUsed())
            .stateRoot(state.root())
            .build();
    Block block = new Block(sealed, List.copyOf(transactions), ommers, withdrawals);
    return remember(new Made(block, base.totalDifficulty().plus(sealed.difficulty()), state));
  }

  private Made remember(Made block) {
    made.put(block.block().header().hash(), block);
    order.add(block.block());
    return block;
  }

  /// At most one block made elsewhere that may be named.
  private List<Header> ommers(Made base, Header unsealed) {
    for (int back = 1; back <= Math.min(8, order.size()); back++) {
      List<Header> candidate = List.of(order.get(order.size() - back).header());
      Header header = unsealed.toBuilder().ommersHash(OmmerRules.hash(candidate)).build();
      Block block = new Block(header, List.of(), candidate, null);
      if (random.nextBoolean()
          && ommerRules.verify(block, base.totalDifficulty(), this::block).isEmpty()) {
        return candidate;
      }
    }
    return List.of();
  }

  private Block block(Hash32 hash) {
    Made known = made.get(hash);
    return known == null ? null : known.block();
  }

  private Hash32 ancestor(Header from, long number) {
    Header at = from;
    while (at.number() > number) {
      at = made.get(at.parentHash()).block().header();
    }
    return at.hash();
  }

  private Transaction transaction(ReferenceState state, Map<Address, Long> nonces) {
    byte[] key = keys.get(random.nextInt(KEYS));
    long nonce = nonces.merge(address(key), nonce(state, key), (used, ignored) -> used + 1);
    return switch (random.nextInt(5)) {
      case 0 -> sign(key, nonce, SCRIBBLER, UInt256.ZERO, words(random.nextInt(8)));
      case 1 -> sign(key, nonce, FACTORY, UInt256.ZERO, MAYFLY);
      case 2 -> sign(key, nonce, MAYFLY_ADDRESS, UInt256.of(random.nextInt(3)), new byte[0]);
      case 3 -> sign(key, nonce, null, UInt256.ZERO, Hex.decode("6001600055600160005360016000f3"));
      default -> {
        byte[] to = new byte[20];
        to[19] = (byte) (32 + random.nextInt(40));
        yield sign(key, nonce, Address.of(to, 0), UInt256.of(random.nextInt(1000)), new byte[0]);
      }
    };
  }

  private byte[] words(int slot) {
    byte[] input = new byte[64];
    input[31] = (byte) slot;
    input[63] = (byte) random.nextInt(3);
    return input;
  }

  private static long nonce(ReferenceState state, byte[] key) {
    Account account = state.account(address(key));
    return account == null ? 0 : account.nonce();
  }

  /// A transfer by the first account, for tests that need to know a transaction.
  Transaction transfer(Made on, Address to, long wei) {
    byte[] key = keys.getFirst();
    return sign(key, nonce(on.state(), key), to, UInt256.of(wei), new byte[0]);
  }

  private Transaction sign(byte[] key, long nonce, Address to, UInt256 value, byte[] data) {
    boolean bound = network.forks().activation(Fork.SPURIOUS_DRAGON).isPresent();
    LegacyTransaction unsigned =
        new LegacyTransaction(
            bound ? network.chainId() : null, nonce, GAS_PRICE, 200_000, to, value, data, null);
    return unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), key));
  }

  private static Address address(byte[] key) {
    return Secp256k1.address(Secp256k1.publicKey(key));
  }

  private static Address create2(Address factory, byte[] initCode) {
    byte[] preimage = new byte[85];
    preimage[0] = (byte) 0xFF;
    System.arraycopy(factory.toBytes(), 0, preimage, 1, 20);
    System.arraycopy(Keccak.hashBytes(initCode), 0, preimage, 53, 32);
    return Address.of(Keccak.hashBytes(preimage), 12);
  }
}
