package io.semper.tests.light;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.upstream.HttpTransport;
import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.lightclient.upstream.UpstreamPool;
import io.semper.tests.contract.Token;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/// What a light client costs: time to its first answer, bytes and round trips of answers, what it
/// fetches while nobody asks, memory. Times are given whole, without those of its requests, and as
/// processor time of the client's threads without that of its requests. A program, not a test:
/// `LightFigures [queries]`.
public final class LightFigures {
  private static final int STARTS = 30;
  static final int BLOCKS = 200;
  private static final int IDLE_BLOCKS = 30;
  private static final int MAX_COLLECTIONS = 1_000;

  /// The only node answers, however busy the machine.
  private static final UpstreamLimits PATIENT =
      new UpstreamLimits(32 << 20, 120_000, 300_000, 300, 32);

  /// Time the present thread's requests have taken, and those of threads it waits for.
  private static final AtomicLong REQUEST_NANOS = new AtomicLong();

  private static final AtomicLong REQUEST_PROCESSOR_NANOS = new AtomicLong();
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private LightFigures() {}

  public static void main(String[] args) throws Exception {
    int queries = args.length == 0 ? 20_000 : Integer.parseInt(args[0]);
    try (SealedNetwork network = new SealedNetwork(4)) {
      LivelyChain chain = new LivelyChain(network, BLOCKS, 1);
      URI full = network.serve();
      Path store = Files.createTempDirectory("light-figures").resolve("store");
      Address account = network.accounts().getFirst();
      starts("cold start to the first proven balance", network, full, null, account);
      starts("warm restart to the first proven balance", network, full, store, account);
      System.out.println("store: " + Files.size(store) + " bytes");
      Address token = network.create(Token.creation());
      try (LightClient client = builder(network, full, null).build()) {
        kinds(client, chain);
        tokens(client, token, network.accounts().getFirst());
        idle(client, network);
      }
      System.out.printf(
          "heap held by the client after %d queries: %.1f MB%n",
          queries, held(network, chain, full, queries) / 1e6);
      try (LightClient client = builder(network, full, store).build()) {
        fill(client, network, chain, queries);
      }
      System.out.println("store after as many: " + Files.size(store) + " bytes");
    }
  }

  /// Bytes that go once a client is let go that has answered so many questions.
  static long held(SealedNetwork network, LivelyChain chain, URI full, int queries) {
    LightClient client = builder(network, full, null).build();
    fill(client, network, chain, queries);
    long with = usedAfterCollection();
    WeakReference<LightClient> gone = new WeakReference<>(client);
    client.close();
    client = null;
    long without;
    int left = MAX_COLLECTIONS;
    do { // its threads end soon, not at once
      without = usedAfterCollection();
    } while (gone.get() != null && --left > 0);
    return with - without;
  }

  private static LightClient.Builder builder(SealedNetwork network, URI full, Path store) {
    HttpTransport http = new HttpTransport();
    LightClient.Builder builder =
        LightClient.builder(network.network())
            .upstream(full)
            .limits(PATIENT)
            .transport((url, body, allowance, millis) -> {
              long began = System.nanoTime();
              long worked = THREADS.getCurrentThreadCpuTime();
              byte[] reply = http.post(url, body, allowance, millis);
              REQUEST_NANOS.addAndGet(System.nanoTime() - began);
              REQUEST_PROCESSOR_NANOS.addAndGet(THREADS.getCurrentThreadCpuTime() - worked);
              return reply;
            });
    return store == null ? builder : builder.store(store);
  }

  private static void starts(
      String what, SealedNetwork network, URI full, Path store, Address account) {
    report(
        what,
        STARTS,
        i -> {
          try (LightClient client = builder(network, full, store).build()) {
            client.balance(account);
          }
        });
  }

  private static void report(String what, int times, LongConsumer work) {
    long[] nanos = new long[times];
    long[] own = new long[times];
    long worked = workedNanos();
    for (int i = 0; i < times; i++) {
      long requests = REQUEST_NANOS.get();
      long began = System.nanoTime();
      work.accept(i);
      nanos[i] = System.nanoTime() - began;
      own[i] = nanos[i] - (REQUEST_NANOS.get() - requests);
    }
    worked = workedNanos() - worked;
    Arrays.sort(nanos);
    Arrays.sort(own);
    System.out.printf(
        "%s: p50 %.2f ms, p95 %.2f ms; without its requests p50 %.2f ms, p95 %.2f ms,"
            + " of processor %.2f ms%n",
        what,
        nanos[times / 2] / 1e6,
        nanos[times * 95 / 100] / 1e6,
        own[times / 2] / 1e6,
        own[times * 95 / 100] / 1e6,
        worked / 1e6 / times);
  }

  /// Processor time of this thread and of those that ask nodes, without that of requests.
  private static long workedNanos() {
    long nanos = THREADS.getCurrentThreadCpuTime() - REQUEST_PROCESSOR_NANOS.get();
    for (ThreadInfo each : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
      if (each != null && each.getThreadName().matches("light-.*-upstream-.*|light-head")) {
        nanos += Math.max(0, THREADS.getThreadCpuTime(each.getThreadId()));
      }
    }
    return nanos;
  }

  /// While nobody asks it anything: a chain with a block every second.
  private static void idle(LightClient client, SealedNetwork network) throws InterruptedException {
    UpstreamPool.Traffic before = client.upstreams().traffic();
    for (int block = 0; block < IDLE_BLOCKS; block++) {
      network.seal();
      Thread.sleep(1_000);
    }
    UpstreamPool.Traffic after = client.upstreams().traffic();
    System.out.printf(
        "idle, a block every second: at block %d of %d; a minute costs %d requests, %d bytes sent,"
            + " %d bytes received%n",
        client.head().block().number(),
        network.ledger().head().number(),
        (after.rounds() - before.rounds()) * 60 / IDLE_BLOCKS,
        (after.bytesSent() - before.bytesSent()) * 60 / IDLE_BLOCKS,
        (after.bytesReceived() - before.bytesReceived()) * 60 / IDLE_BLOCKS);
  }

  private static void kinds(LightClient client, LivelyChain chain) {
    cost(client, "balance, account not seen", 500, i -> client.balance(Address.of(1_000_000 + i)));
    cost(client, "balance, same block", 5000, i -> client.balance(Address.of(1_000_000 + i % 100)));
    Address caller = Address.of(4711);
    cost(
        client,
        "call reading one slot, contract seen",
        500,
        i ->
            client.call(
                LightClientTest.message(
                    caller, chain.register(), LightClientTest.words(1000 + i), 1_000_000)));
    cost(
        client,
        "call through another contract",
        500,
        i ->
            client.call(
                LightClientTest.message(
                    caller, chain.forwarder(), LightClientTest.words(90_000 + i), 1_000_000)));
  }

  private static void tokens(LightClient client, Address token, Address maker) {
    cost(
        client,
        "balanceOf of a token, owner not seen",
        500,
        i ->
            client.call(
                LightClientTest.message(
                    maker, token, Token.balanceOf(Address.of(2_000_000 + i)), 1_000_000)));
  }

  private static void cost(LightClient client, String what, int times, LongConsumer work) {
    UpstreamPool.Traffic before = client.upstreams().traffic();
    report(what, times, work);
    UpstreamPool.Traffic after = client.upstreams().traffic();
    System.out.printf(
        "  a query: %.2f round trips, %d bytes sent, %d bytes received%n",
        (after.rounds() - before.rounds()) / (double) times,
        (after.bytesSent() - before.bytesSent()) / times,
        (after.bytesReceived() - before.bytesReceived()) / times);
  }

  private static void fill(
      LightClient client, SealedNetwork network, LivelyChain chain, int queries) {
    ValidatorContractTest.awaitHead(client, network);
    Random random = new Random(2);
    for (int i = 0; i < queries; i++) {
      switch (random.nextInt(4)) {
        case 0 -> client.balance(Address.of(random.nextInt(100_000)));
        case 1 -> client.storage(chain.register(), UInt256.of(random.nextInt(50_000)));
        case 2 -> client.receipts(random.nextInt(BLOCKS));
        default -> client.block(random.nextInt(BLOCKS));
      }
      if (i % 500 == 0) {
        network.seal();
      }
    }
  }

  private static long usedAfterCollection() {
    for (int i = 0; i < 4; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
