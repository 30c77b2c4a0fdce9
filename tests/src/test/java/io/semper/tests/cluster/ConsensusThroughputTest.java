package io.semper.tests.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.types.ContractAddress;
import io.semper.core.types.FeeMarketTransaction;
import io.semper.core.types.Transaction;
import io.semper.node.account.DevAccounts;
import io.semper.node.account.DevAccounts.DevAccount;
import io.semper.node.local.HeadWatch;
import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NetworkLayout;
import io.semper.node.local.NodeProcess;
import io.semper.node.local.TransferLoad;
import io.semper.tests.contract.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Measures what four validators on one machine, with a block a second, agree on: transfers and
/// token transfers a second as fast as they are taken, and the time from sending to final at 200
/// transfers a second.
///
/// `semper.qbft.throughput` says how many seconds each measurement takes; `semper.qbft.record`
/// names a file to whose end a row of Markdown is added.
@EnabledIfSystemProperty(named = "semper.qbft.throughput", matches = "\\d+")
class ConsensusThroughputTest {
  private static final int VALIDATORS = 4;
  private static final int ACCOUNTS = 10;
  private static final int BATCH = 50;
  private static final int LATENCY_RATE = 200;
  private static final int MOST_PER_SECOND = 3_000;

  /// Of an account, not sealed yet: a pool takes 1,024.
  private static final int MOST_WAITING = 500;

  private static final long WARM_SECONDS = 15;
  private static final UInt256 MAX_FEE = UInt256.of(1_000_000_000_000L);
  private static final Duration ANSWER = Duration.ofSeconds(20);

  private final List<DevAccount> accounts = DevAccounts.first(ACCOUNTS).all();
  private LocalNetwork network;
  private UInt256 chainId;

  @TempDir private Path folder;

  @Test
  void measure() throws Exception {
    int seconds = Integer.getInteger("semper.qbft.throughput");
    NetworkLayout layout =
        NetworkLayout.onLoopback(
            folder.resolve("net"),
            VALIDATORS,
            NetworkLayout.freeBasePort(VALIDATORS),
            NetworkLayout.Terms.TRIAL);
    try (LocalNetwork started = new LocalNetwork(layout, NodeProcess.java(List.of("-Xmx1g")))) {
      network = started;
      network.startAll();
      for (NodeProcess node : network.nodes()) {
        node.awaitServing(Cluster.PATIENCE);
      }
      LocalNetwork.awaitHead(network.nodes(), 1, Cluster.PATIENCE);
      String id = network.node(0).call("eth_chainId", "[]", ANSWER).asText();
      chainId = UInt256.of(Long.decode(id));
      record(transfers(seconds), tokens(seconds), latencies(seconds));
    }
  }

  private static void record(double transfers, double tokens, List<Long> latencies)
      throws IOException {
    String row =
        String.format(
            Locale.ROOT,
            "| %.0f/s | %.0f/s | %d ms, %d ms | %d processors, %s |",
            transfers,
            tokens,
            HeadWatch.percentile(latencies, 50),
            HeadWatch.percentile(latencies, 99),
            Runtime.getRuntime().availableProcessors(),
            LocalDate.now(ZoneOffset.UTC));
    System.out.println(row);
    String file = System.getProperty("semper.qbft.record");
    if (file != null) {
      Files.writeString(Path.of(file), row + "\n", StandardOpenOption.APPEND);
    }
  }

  private double transfers(int seconds) throws Exception {
    return measure(
        "transfers",
        seconds,
        (account, nonce) ->
            sign(
                account,
                nonce,
                21_000,
                accounts.get((int) (nonce % ACCOUNTS)).address(),
                new byte[0]));
  }

  private double tokens(int seconds) throws Exception {
    DevAccount maker = accounts.getFirst();
    long nonce = nonce(maker);
    Address token = ContractAddress.of(maker.address(), nonce);
    submit(network.node(0), List.of(sign(maker, nonce, 1_000_000, null, Token.creation())));
    List<String> shares = new ArrayList<>();
    for (DevAccount holder : accounts) {
      shares.add(
          sign(maker, ++nonce, 100_000, token, Token.transfer(holder.address(), 1_000_000_000L)));
    }
    submit(network.node(0), shares);
    long last = nonce + 1;
    LocalNetwork.await(() -> quietNonce(maker) == last, Cluster.PATIENCE);
    return measure(
        "token transfers",
        seconds,
        (account, at) ->
            sign(
                account,
                at,
                60_000,
                token,
                Token.transfer(accounts.get((int) ((at + 1) % ACCOUNTS)).address(), 1)));
  }

  private String sign(DevAccount from, long nonce, long gas, Address to, byte[] data) {
    FeeMarketTransaction unsigned =
        new FeeMarketTransaction(
            chainId, nonce, UInt256.ONE, MAX_FEE, gas, to, UInt256.ZERO, data, List.of(), null);
    Transaction signed = unsigned.withSignature(Secp256k1.sign(unsigned.signingHash(), from.key()));
    return Hex.encode(signed.encode());
  }

  private interface Maker {
    String make(DevAccount account, long nonce);
  }

  /// Sends as much as is taken for a while, all of it signed beforehand.
  private double measure(String what, int seconds, Maker maker) throws Exception {
    int each = (int) ((seconds + WARM_SECONDS) * MOST_PER_SECOND / ACCOUNTS);
    long[] first = new long[ACCOUNTS];
    for (int i = 0; i < ACCOUNTS; i++) {
      first[i] = nonce(accounts.get(i));
    }
    List<List<String>> signed =
        IntStream.range(0, ACCOUNTS)
            .parallel()
            .mapToObj(i ->
                IntStream.range(0, each)
                    .mapToObj(n -> maker.make(accounts.get(i), first[i] + n))
                    .toList())
            .toList();
    AtomicBoolean stopped = new AtomicBoolean();
    List<Thread> senders = new ArrayList<>();
    try (HeadWatch heads = HeadWatch.start(network.nodes())) {
      for (int i = 0; i < ACCOUNTS; i++) {
        int at = i;
        senders.add(Thread.ofVirtual().start(() -> send(at, first[at], signed.get(at), stopped)));
      }
      Thread.sleep(WARM_SECONDS * 1_000);
      long from = network.head();
      Thread.sleep(seconds * 1_000L);
      long to = network.head();
      stopped.set(true);
      // The highest of any node; the one asked for its blocks may be behind.
      LocalNetwork.awaitHead(List.of(network.node(0)), to, Cluster.PATIENCE);
      LocalNetwork.await(
          () -> HeadWatch.arrival(heads.seen(), to) != Long.MAX_VALUE, Cluster.PATIENCE);
      TreeMap<Long, Long> seen = heads.seen();
      double took = (HeadWatch.arrival(seen, to) - HeadWatch.arrival(seen, from)) / 1e9;
      long count = 0;
      for (long number = from + 1; number <= to; number++) {
        count += TransferLoad.transactions(network.node(0), number).size();
      }
      List<Long> gaps = heads.gapsMillis(HeadWatch.arrival(seen, from), System.nanoTime());
      System.out.printf(
          Locale.ROOT,
          "%s: %d in %d blocks in %.1f s, %.0f a second; between blocks p50 %d ms, p99 %d ms%n",
          what,
          count,
          to - from,
          took,
          count / took,
          HeadWatch.percentile(gaps, 50),
          HeadWatch.percentile(gaps, 99));
      for (Thread sender : senders) {
        sender.join();
      }
      drain();
      return count / took;
    }
  }

  private void send(int i, long first, List<String> signed, AtomicBoolean stopped) {
    NodeProcess node = network.node(i % VALIDATORS);
    try {
      int sent = 0;
      while (!stopped.get() && sent < signed.size()) {
        if (first + sent - nonce(accounts.get(i)) > MOST_WAITING) {
          Thread.sleep(20);
          continue;
        }
        int end = Math.min(signed.size(), sent + BATCH);
        submit(node, signed.subList(sent, end));
        sent = end;
      }
    } catch (IOException e) {
      System.err.println("sender " + i + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void submit(NodeProcess node, List<String> raw)
      throws IOException, InterruptedException {
    StringBuilder batch = new StringBuilder("[");
    for (int i = 0; i < raw.size(); i++) {
      batch
          .append(i == 0 ? "" : ",")
          .append("{\"jsonrpc\":\"2.0\",\"id\":")
          .append(i)
          .append(",\"method\":\"eth_sendRawTransaction\",\"params\":[\"")
          .append(raw.get(i))
          .append("\"]}");
    }
    for (JsonNode reply : node.post(batch.append(']').toString(), ANSWER)) {
      if (!reply.has("result")) {
        throw new IOException(reply.toString());
      }
    }
  }

  private long nonce(DevAccount account) throws IOException, InterruptedException {
    String params = "[\"" + account.address() + "\",\"latest\"]";
    String count = network.node(0).call("eth_getTransactionCount", params, ANSWER).asText();
    return Long.decode(count);
  }

  private long quietNonce(DevAccount account) {
    try {
      return nonce(account);
    } catch (IOException silent) {
      return -1;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean poolIsEmpty(NodeProcess node) {
    try {
      JsonNode status = node.call("txpool_status", "[]", ANSWER);
      return Long.decode(status.get("pending").asText()) == 0
          && Long.decode(status.get("queued").asText()) == 0;
    } catch (IOException silent) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Waits until nothing waits any more.
  private void drain() throws Exception {
    for (NodeProcess node : network.nodes()) {
      LocalNetwork.await(() -> poolIsEmpty(node), Cluster.PATIENCE);
    }
  }

  /// Milliseconds from sending to the block being seen, in order of size.
  private List<Long> latencies(int seconds) throws Exception {
    try (HeadWatch heads = HeadWatch.start(network.nodes());
        TransferLoad load = TransferLoad.start(network.nodes(), LATENCY_RATE, 1)) {
      long from = network.head();
      Thread.sleep(seconds * 1_000L);
      load.stop();
      load.awaitAll(network.node(0), Cluster.PATIENCE);
      Map<String, Long> sent = load.acknowledged();
      TreeMap<Long, Long> seen = heads.seen();
      List<Long> latencies = new ArrayList<>();
      for (long number = from + 1; number <= network.node(0).head(ANSWER); number++) {
        long arrived = HeadWatch.arrival(seen, number);
        for (JsonNode hash : TransferLoad.transactions(network.node(0), number)) {
          Long at = sent.get(hash.asText());
          if (at != null && arrived != Long.MAX_VALUE) {
            latencies.add((arrived - at) / 1_000_000);
          }
        }
      }
      Collections.sort(latencies);
      System.out.printf(
          Locale.ROOT,
          "at %d transfers a second: sent to final p50 %d ms, p99 %d ms%n",
          LATENCY_RATE,
          HeadWatch.percentile(latencies, 50),
          HeadWatch.percentile(latencies, 99));
      return latencies;
    }
  }
}
