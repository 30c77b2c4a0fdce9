package io.semper.tests.light;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.upstream.UpstreamPool;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.LongConsumer;

/// What a light client costs: time to its first answer, bytes and round trips of answers, memory. A
/// program, not a test: `LightFigures [queries]`.
public final class LightFigures {
  private static final int STARTS = 30;
  private static final int BLOCKS = 200;

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
      LightClient client = LightClient.builder(network.network()).upstream(full).build();
      kinds(client, chain);
      fill(client, network, chain, queries);
      long with = usedAfterCollection();
      client.close();
      client = null;
      long without = usedAfterCollection();
      System.out.printf(
          "heap held by the client after %d queries: %.1f MB%n", queries, (with - without) / 1e6);
    }
  }

  private static LightClient.Builder builder(SealedNetwork network, URI full, Path store) {
    LightClient.Builder builder = LightClient.builder(network.network()).upstream(full);
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
    for (int i = 0; i < times; i++) {
      long began = System.nanoTime();
      work.accept(i);
      nanos[i] = System.nanoTime() - began;
    }
    Arrays.sort(nanos);
    System.out.printf(
        "%s: p50 %.2f ms, p95 %.2f ms%n",
        what, nanos[times / 2] / 1e6, nanos[times * 95 / 100] / 1e6);
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
