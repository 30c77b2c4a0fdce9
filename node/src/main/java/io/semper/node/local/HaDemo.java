package io.semper.node.local;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Four validators under load while they are killed, frozen and restarted; says at the end what was
/// lost.
public final class HaDemo {
  private static final int VALIDATORS = 4;
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(5);
  private static final Duration RECOVERY = Duration.ofSeconds(60);
  private static final long CALM_MILLIS = 8_000;
  private static final long STALLED_MILLIS = 5_000;
  private static final String READY = "ready";
  private static final String BALANCE_OF =
      "[\"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266\",\"latest\"]";

  private final LocalNetwork network;
  private final int perSecond;
  private final PrintWriter out;
  private final long began = System.nanoTime();
  private TransferLoad load;
  private HeadWatch watch;

  /// @param network of four validators, with the development accounts funded; not started yet
  /// @param perSecond transactions
  public HaDemo(LocalNetwork network, int perSecond, PrintWriter out) {
    if (network.nodes().size() != VALIDATORS) {
      throw new IllegalArgumentException(network.nodes().size() + " validators");
    }
    this.network = network;
    this.perSecond = perSecond;
    this.out = out;
  }

  /// Runs it, in about two minutes.
  ///
  /// @return whether nothing was lost and everything came back
  public boolean run() throws IOException, InterruptedException {
    say("four validators start; three of them have to agree on a block");
    network.startAll();
    for (NodeProcess node : network.nodes()) {
      node.awaitServing(START);
    }
    if (!LocalNetwork.awaitStatus(network.nodes(), READY, START)
        || !LocalNetwork.awaitHead(network.nodes(), 1, START)) {
      say("they make NO BLOCK");
      return false;
    }
    boolean whole = true;
    say("the first block is final; " + perSecond + " transactions a second go to any of them");
    try (HeadWatch heads = HeadWatch.start(network.nodes());
        TransferLoad sending = TransferLoad.start(network.nodes(), perSecond, 1)) {
      watch = heads;
      load = sending;
      whole &= goesOn("all four are there");
      whole &= killTwo();
      whole &= freezeOne();
      whole &= restartAll();
      sending.stop();
      return sum() && whole;
    }
  }

  private boolean killTwo() throws IOException, InterruptedException {
    network.node(1).kill();
    say("kill -9 of node-2");
    boolean whole = goesOn("three are enough");

    network.node(2).kill();
    say("kill -9 of node-3: two cannot decide, and must not");
    List<NodeProcess> alive = List.of(network.node(0), network.node(3));
    whole &= expect(LocalNetwork.awaitStatus(alive, "stalled", RECOVERY), "they do NOT say so");
    long stalledAt = watch.highest();
    Thread.sleep(STALLED_MILLIS);
    whole &= expect(watch.highest() == stalledAt, "TWO have made a block");
    for (NodeProcess node : alive) {
      JsonNode readiness = node.readiness(ANSWER);
      say(
          "writes wait at block "
              + stalledAt
              + "; /health/ready of "
              + node.name()
              + " says "
              + readiness.path("status").asText()
              + ": "
              + readiness.path("problems").path(0).path("problem").asText());
      String balance = node.call("eth_getBalance", BALANCE_OF, ANSWER).asText();
      say(
          "reads go on: "
              + node.name()
              + " answers a balance of "
              + balance
              + " at block "
              + node.head(ANSWER));
    }

    long revived = System.nanoTime();
    network.node(1).start();
    network.node(2).start();
    say("node-2 and node-3 are started again");
    boolean back = LocalNetwork.awaitHead(alive, stalledAt + 1, RECOVERY);
    say(
        back
            ? "the next block is there "
                + seconds(System.nanoTime() - revived)
                + " after their start"
            : "NO BLOCK within " + RECOVERY.toSeconds() + " s");
    boolean ready = allReady();
    return whole && back && ready && goesOn("all four again");
  }

  private boolean freezeOne() throws IOException, InterruptedException {
    network.node(3).freeze();
    say("node-4 is cut off: it stands still, connections and all (SIGSTOP)");
    boolean whole = goesOn("the others go on");
    network.node(3).thaw();
    long thawed = System.nanoTime();
    long head = network.head();
    boolean back = LocalNetwork.awaitHead(List.of(network.node(3)), head, RECOVERY);
    say(
        back
            ? "node-4 is back, and level " + seconds(System.nanoTime() - thawed) + " later"
            : "node-4 does NOT come back");
    boolean ready = allReady();
    return whole && back && ready;
  }

  private boolean restartAll() throws IOException, InterruptedException {
    say("rolling restart: each in turn is stopped, started and waited for until all are ready");
    long from = System.nanoTime();
    for (NodeProcess node : network.nodes()) {
      node.stop();
      node.start();
      node.awaitServing(START);
      // Only one may be away: all have to take part before the next goes.
      if (!allReady()) {
        return false;
      }
    }
    report("all four restarted", from);
    return true;
  }

  /// Waits until every node is fit for work, a validator's included.
  private boolean allReady() throws InterruptedException {
    boolean ready =
        LocalNetwork.awaitStatus(network.nodes(), READY, RECOVERY)
            && LocalNetwork.awaitSigning(network.nodes(), RECOVERY);
    if (!ready) {
      for (NodeProcess node : network.nodes()) {
        say(
            node.name()
                + " is "
                + node.status(ANSWER)
                + (node.isSigning(ANSWER) ? "" : ", and does NOT sign"));
      }
    }
    return ready;
  }

  /// Lets time pass, and more where that brought no blocks.
  private boolean goesOn(String what) throws InterruptedException {
    long from = System.nanoTime();
    long head = watch.highest();
    Thread.sleep(CALM_MILLIS);
    boolean more = LocalNetwork.await(() -> watch.highest() > head + 1, RECOVERY);
    report(what, from);
    return expect(more, "NO BLOCK comes");
  }

  private boolean expect(boolean fulfilled, String otherwise) {
    if (!fulfilled) {
      say(otherwise);
    }
    return fulfilled;
  }

  private void report(String what, long fromNanos) {
    List<Long> gaps = watch.gapsMillis(fromNanos, System.nanoTime());
    say(
        String.format(
            Locale.ROOT,
            "%s: %d blocks in %s, longest gap %.1f s, %d transactions acknowledged so far",
            what,
            gaps.size() + 1,
            seconds(System.nanoTime() - fromNanos),
            HeadWatch.percentile(gaps, 100) / 1000.0,
            load.count()));
  }

  /// Compares what was acknowledged with what every node holds.
  private boolean sum() throws IOException, InterruptedException {
    say("the load ends; every acknowledged transaction must be in the chain of every node");
    boolean whole = true;
    for (NodeProcess node : network.nodes()) {
      Set<String> lost = load.awaitAll(node, RECOVERY);
      whole &= lost.isEmpty();
      say(node.name() + ": " + (load.count() - lost.size()) + " of " + load.count() + " there");
    }
    long common = Long.MAX_VALUE;
    for (NodeProcess node : network.nodes()) {
      common = Math.min(common, node.head(ANSWER));
    }
    String block = "[\"0x" + Long.toHexString(common) + "\",false]";
    String hash = network.node(0).call("eth_getBlockByNumber", block, ANSWER).path("hash").asText();
    for (NodeProcess node : network.nodes()) {
      String own = node.call("eth_getBlockByNumber", block, ANSWER).path("hash").asText();
      if (!own.equals(hash)) {
        whole = false;
        say(node.name() + " has ANOTHER block " + common + ": " + own);
      }
    }
    say("block " + common + " is " + hash + (whole ? " at all of them" : ""));
    say(whole ? "lost: nothing" : "lost: SOMETHING, see above");
    return whole;
  }

  private void say(String text) {
    long millis = (System.nanoTime() - began) / 1_000_000;
    out.println(String.format(Locale.ROOT, "%6.1f s  %s", millis / 1000.0, text));
    out.flush();
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f s", nanos / 1e9);
  }
}
