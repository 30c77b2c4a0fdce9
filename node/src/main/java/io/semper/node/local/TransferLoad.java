package io.semper.node.local;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.Transaction;
import io.semper.node.account.DevAccounts;
import io.semper.node.account.DevAccounts.DevAccount;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Transactions of the development accounts at a steady rate, each through any node that answers.
///
/// It remembers what a node has acknowledged, and can tell what of it a node's chain lacks. An
/// account sends one transaction after the other, never one again that was acknowledged: what a
/// node has taken is its to keep.
public final class TransferLoad implements AutoCloseable {
  private static final int ACCOUNTS = 10;
  private static final Duration ANSWER = Duration.ofSeconds(2);
  private static final int ATTEMPTS = 30;
  private static final long GAS = 21_000;
  private static final UInt256 MAX_FEE = UInt256.of(100_000_000_000L);
  private static final long JOIN_SECONDS = 10;

  private final List<NodeProcess> nodes;
  private final UInt256 chainId;
  private final long intervalNanos;
  private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
  private final List<Thread> senders = new ArrayList<>();
  private volatile boolean stopped;

  private TransferLoad(List<NodeProcess> nodes, UInt256 chainId, int perSecond) {
    this.nodes = List.copyOf(nodes);
    this.chainId = chainId;
    intervalNanos = TimeUnit.SECONDS.toNanos(1) * ACCOUNTS / perSecond;
  }

  /// Begins to send.
  ///
  /// @param nodes some of which answer now
  /// @param seed by which senders choose nodes
  public static TransferLoad start(List<NodeProcess> nodes, int perSecond, long seed)
      throws IOException, InterruptedException {
    String chainId = patiently(nodes.getFirst(), "eth_chainId", "[]");
    TransferLoad load = new TransferLoad(nodes, UInt256.of(Long.decode(chainId)), perSecond);
    List<DevAccount> accounts = DevAccounts.first(ACCOUNTS).all();
    for (int i = 0; i < ACCOUNTS; i++) {
      DevAccount account = accounts.get(i);
      String from = "[\"" + account.address() + "\",\"latest\"]";
      String count = patiently(nodes.getFirst(), "eth_getTransactionCount", from);
      Random random = new Random(seed + i);
      long nonce = Long.decode(count);
      load.senders.add(
          Thread.ofVirtual().name("sender-" + i).start(() -> load.send(account, nonce, random)));
    }
    return load;
  }

  /// Asks again where a node that has just begun takes its time.
  private static String patiently(NodeProcess node, String method, String params)
      throws IOException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return node.call(method, params, ANSWER).asText();
      } catch (HttpTimeoutException slow) {
        if (attempt == ATTEMPTS) {
          throw slow;
        }
      }
    }
  }

  private void send(DevAccount account, long firstNonce, Random random) {
    try {
      long due = System.nanoTime() + random.nextLong(intervalNanos);
      for (long nonce = firstNonce; !stopped; nonce++) {
        long wait = due - System.nanoTime();
        if (wait > 0) {
          TimeUnit.NANOSECONDS.sleep(wait);
        }
        // What could not be sent on time is made up for, but not all of it at once.
        due = Math.max(due + intervalNanos, System.nanoTime() - 20 * intervalNanos);
        Transaction transfer = transfer(account, nonce);
        String hash = transfer.hash().toString();
        String params = "[\"" + Hex.encode(transfer.encode()) + "\"]";
        long sent = System.nanoTime();
        while (!stopped && !submit(nodes.get(random.nextInt(nodes.size())), params)) {
          TimeUnit.NANOSECONDS.sleep(Math.min(intervalNanos, TimeUnit.MILLISECONDS.toNanos(50)));
        }
        if (!stopped) {
          acknowledged.put(hash, sent);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Transaction transfer(DevAccount from, long nonce) {
    Address to = from.address();
    FeeMarketTransaction unsigned =
        new FeeMarketTransaction(
            chainId,
            nonce,
            UInt256.ONE,
            MAX_FEE,
            GAS,
            to,
            UInt256.ONE,
            new byte[0],
            List.of(),
            null);
    return unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), from.key()));
  }

  /// @return whether the node has it now
  private static boolean submit(NodeProcess node, String params) throws InterruptedException {
    if (!node.mayAnswer()) {
      return false;
    }
    try {
      node.call("eth_sendRawTransaction", params, ANSWER);
      return true;
    } catch (NodeProcess.RefusedException e) {
      // The answer to an earlier attempt was lost, not the attempt.
      return e.getMessage().contains("already known") || e.getMessage().contains("nonce too low");
    } catch (IOException silent) {
      return false;
    }
  }

  /// How many have been acknowledged.
  public int count() {
    return acknowledged.size();
  }

  /// When each acknowledged transaction was sent, by its hash, as of `System.nanoTime()`.
  public Map<String, Long> acknowledged() {
    return Map.copyOf(acknowledged);
  }

  /// The hashes of a block's transactions.
  public static JsonNode transactions(NodeProcess node, long number)
      throws IOException, InterruptedException {
    String params = "[\"0x" + Long.toHexString(number) + "\",false]";
    return node.call("eth_getBlockByNumber", params, ANSWER).get("transactions");
  }

  /// Waits until a node's chain has everything that was acknowledged.
  ///
  /// @return what it lacks after that time
  public Set<String> awaitAll(NodeProcess node, Duration atMost)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    Set<String> missing = new HashSet<>(acknowledged.keySet());
    for (long next = 1; !missing.isEmpty() && System.nanoTime() < end; ) {
      if (next > node.head(ANSWER)) {
        Thread.sleep(100);
        continue;
      }
      for (JsonNode hash : transactions(node, next++)) {
        missing.remove(hash.asText());
      }
    }
    return missing;
  }

  /// Ends the sending. What was acknowledged stays known.
  public void stop() throws InterruptedException {
    stopped = true;
    for (Thread sender : senders) {
      sender.join(Duration.ofSeconds(JOIN_SECONDS));
    }
  }

  @Override
  public void close() {
    stopped = true;
    senders.forEach(Thread::interrupt);
  }
}
