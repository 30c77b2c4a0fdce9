package io.semper.tests.light;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/// Random questions about a chain, sensible and not, over every method that a light client proves.
final class Queries {
  private final SealedNetwork network;
  private final LivelyChain chain;
  private final Random random;
  private final List<Supplier<Query>> kinds;

  /// @param params a JSON array
  record Query(String method, String params) {}

  Queries(SealedNetwork network, LivelyChain chain, long seed) {
    this.network = network;
    this.chain = chain;
    random = new Random(seed);
    kinds =
        List.of(
            () -> of("eth_chainId"),
            () -> of("net_version"),
            () -> of("eth_blockNumber"),
            () -> of("eth_syncing"),
            () -> of("eth_config"),
            () -> of("eth_gasPrice"),
            () -> of("eth_maxPriorityFeePerGas"),
            () -> of("eth_baseFee"),
            () -> of("eth_blobBaseFee"),
            () -> of("eth_getBalance", address(), block()),
            () -> of("eth_getBalance", address(), block()),
            () -> of("eth_getTransactionCount", address(), block()),
            () -> of("eth_getCode", address(), block()),
            () -> of("eth_getStorageAt", address(), slot(), block()),
            () -> of("eth_getStorageAt", quoted(chain.register()), slot(), block()),
            () -> of("eth_getStorageValues", "{" + address() + ":[" + slot() + "]}", block()),
            () -> of("eth_getProof", address(), "[" + slot() + "," + slot() + "]", block()),
            () -> of("eth_call", call(), block()),
            () -> of("eth_call", call(), block()),
            () -> of("eth_estimateGas", call(), block()),
            () -> of("eth_createAccessList", call(), block()),
            () -> of("eth_getBlockByNumber", number(), bool()),
            () -> of("eth_getBlockByHash", blockHash(), bool()),
            () -> of("eth_getHeaderByNumber", number()),
            () -> of("eth_getHeaderByHash", blockHash()),
            () -> of("eth_getBlockReceipts", block()),
            () -> of("eth_getBlockTransactionCountByNumber", number()),
            () -> of("eth_getBlockTransactionCountByHash", blockHash()),
            () -> of("eth_getUncleCountByBlockNumber", number()),
            () -> of("eth_getUncleCountByBlockHash", blockHash()),
            () -> of("eth_getTransactionByHash", transaction()),
            () -> of("eth_getTransactionByBlockHashAndIndex", blockHash(), index()),
            () -> of("eth_getTransactionByBlockNumberAndIndex", number(), index()),
            () -> of("eth_getRawTransactionByHash", transaction()),
            () -> of("eth_getRawTransactionByBlockHashAndIndex", blockHash(), index()),
            () -> of("eth_getRawTransactionByBlockNumberAndIndex", number(), index()),
            () -> of("debug_getRawTransaction", transaction()),
            () -> of("eth_getUncleByBlockHashAndIndex", blockHash(), index()),
            () -> of("eth_getUncleByBlockNumberAndIndex", number(), index()),
            () -> of("eth_fillTransaction", call()),
            () -> of("eth_getTransactionReceipt", transaction()),
            () -> of("eth_getLogs", "{" + range() + topics() + "}"),
            () -> of("eth_getLogs", "{\"blockHash\":" + blockHash() + topics() + "}"),
            () -> of("eth_feeHistory", "\"0x" + random.nextInt(9) + "\"", number(), "[10,50,90]"),
            () -> of("debug_getRawHeader", block()),
            () -> of("debug_getRawBlock", block()),
            () -> of("debug_getRawReceipts", block()));
  }

  int kinds() {
    return kinds.size();
  }

  /// The next question of a kind.
  Query next(int kind) {
    return kinds.get(kind).get();
  }

  private static Query of(String method, String... params) {
    return new Query(method, "[" + String.join(",", params) + "]");
  }

  private static String quoted(Object value) {
    return "\"" + value + "\"";
  }

  private String bool() {
    return Boolean.toString(random.nextBoolean());
  }

  private String address() {
    return quoted(
        switch (random.nextInt(6)) {
          case 0 -> chain.register();
          case 1 -> chain.forwarder();
          case 2 -> Address.of(random.nextInt(60));
          case 3 -> Address.of(random.nextInt(), random.nextLong(), random.nextLong());
          default -> chain.account();
        });
  }

  private String slot() {
    return quoted(UInt256.of(random.nextInt(LivelyChain.SLOTS + 3)).toHash32());
  }

  private long head() {
    return network.ledger().head().number();
  }

  private String number() {
    return switch (random.nextInt(8)) {
      case 0 -> "\"latest\"";
      case 1 -> "\"finalized\"";
      case 2 -> "\"safe\"";
      case 3 -> "\"earliest\"";
      case 4 -> quoted("0x" + Long.toHexString(head() + 1 + random.nextInt(3)));
      default -> quoted("0x" + Long.toHexString(random.nextLong(head() + 1)));
    };
  }

  private Hash32 hashOf(long number) {
    return network.ledger().header(number).orElseThrow().hash();
  }

  private String blockHash() {
    return quoted(
        random.nextInt(8) == 0
            ? Hash32.of(random.nextLong(), 1, 2, 3)
            : hashOf(random.nextLong(head() + 1)));
  }

  private String block() {
    return switch (random.nextInt(4)) {
      case 0 -> "{\"blockHash\":" + blockHash() + "}";
      case 1 -> "\"latest\"";
      default -> number();
    };
  }

  private String index() {
    return quoted("0x" + random.nextInt(3));
  }

  private String transaction() {
    List<Hash32> all = chain.transactions();
    return quoted(
        random.nextInt(8) == 0
            ? Hash32.of(5, random.nextLong(), 6, 7)
            : all.get(random.nextInt(all.size())));
  }

  private String call() {
    byte[] data =
        switch (random.nextInt(3)) {
          case 0 -> LightClientTest.words(random.nextInt(LivelyChain.SLOTS));
          case 1 -> LightClientTest.words(random.nextInt(LivelyChain.SLOTS), random.nextInt(1000));
          default -> new byte[0];
        };
    String value = random.nextInt(4) == 0 ? ",\"value\":\"0x" + random.nextInt(9) + "\"" : "";
    String gas = random.nextInt(4) == 0 ? ",\"gas\":\"0x" + Long.toHexString(30_000) + "\"" : "";
    return "{\"from\":"
        + quoted(chain.account())
        + ",\"to\":"
        + address()
        + value
        + gas
        + ",\"data\":"
        + quoted(Hex.encode(data))
        + "}";
  }

  private String range() {
    long from = random.nextLong(head() + 1);
    long to = Math.min(head(), from + random.nextInt(40));
    return "\"fromBlock\":\"0x%x\",\"toBlock\":\"0x%x\"".formatted(from, to);
  }

  private String topics() {
    return switch (random.nextInt(3)) {
      case 0 -> "";
      case 1 -> ",\"topics\":[" + slot() + "]";
      default -> ",\"address\":" + quoted(chain.register());
    };
  }
}
