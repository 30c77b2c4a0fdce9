package io.semper.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.node.local.HeadWatch;
import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NetworkLayout;
import io.semper.node.local.NodeProcess;
import io.semper.node.local.TransferLoad;
import io.semper.tests.process.SemperProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Four validators and full nodes as processes over libp2p, with a block a second and transactions
/// all the time, while they are killed.
///
/// Runs by `-Dsemper.qbft.whole=true` alone, with few kills. The whole: `-Dsemper.qbft.followers=3
/// -Dsemper.qbft.kills=500 -Dsemper.qbft.massKills=20 -Dsemper.qbft.rate=200
/// -Dsemper.qbft.outageSeconds=90`; `semper.seed` says who falls when. How long things took is
/// printed; what decides is that they happen.
@EnabledIfSystemProperty(named = "semper.qbft.whole", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ValidatorsTest {
  private static final int VALIDATORS = 4;
  private static final int FOLLOWERS = Integer.getInteger("semper.qbft.followers", 1);
  private static final int KILLS = Integer.getInteger("semper.qbft.kills", 2);
  private static final int MASS_KILLS = Integer.getInteger("semper.qbft.massKills", 1);
  private static final int RATE = Integer.getInteger("semper.qbft.rate", 50);
  private static final int OUTAGE_SECONDS = Integer.getInteger("semper.qbft.outageSeconds", 2);

  /// What is answered also while no blocks are made.
  private static final Map<String, String> READS =
      Map.of(
          "eth_gasPrice",
          "[]",
          "eth_getBalance",
          "[\"0x" + "00".repeat(20) + "\",\"latest\"]",
          "eth_call",
          "[{\"to\":\"0x" + "00".repeat(20) + "\"},\"latest\"]",
          "eth_getLogs",
          "[{\"fromBlock\":\"earliest\"}]");

  private static final long MAX_DOWN_MILLIS = 5_000;

  /// One in so many validators falls together with a full node.
  private static final int COMPANIONS = 4;

  private static final int REPORTED_KILLS = 25;

  private final Random random = new Random(Long.getLong("semper.seed", 1));
  private LocalNetwork network;
  private Cluster cluster;
  private int basePort;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    basePort = NetworkLayout.freeBasePort(VALIDATORS + FOLLOWERS + 1);
    NetworkLayout layout =
        NetworkLayout.onLoopback(
            folder.resolve("net"), VALIDATORS, basePort, NetworkLayout.Terms.TRIAL);
    network = new LocalNetwork(layout, SemperProcess.program());
    cluster = new Cluster(network);
    for (int i = 0; i < FOLLOWERS; i++) {
      join("full-" + (i + 1), i, List.of());
    }
    network.startAll();
    cluster.awaitAll(1);
  }

  @AfterAll
  void stop() {
    network.close();
  }

  private NodeProcess join(String name, int index, List<String> options) throws IOException {
    int rpcPort = basePort + VALIDATORS + index;
    return network.join(name, rpcPort, rpcPort + 100, options);
  }

  @Test
  void oneOfFourMayDieAtAnyTime() throws Exception {
    List<Long> gaps = new ArrayList<>();
    List<Long> returns = new ArrayList<>();
    try (HeadWatch heads = HeadWatch.start(network.nodes());
        TransferLoad load = TransferLoad.start(network.nodes(), RATE, random.nextLong())) {
      for (int i = 0; i < KILLS; i++) {
        int victim = random.nextInt(network.nodes().size());
        NodeProcess node = network.node(victim);
        List<NodeProcess> fallen = new ArrayList<>(List.of(node));
        if (victim < VALIDATORS && FOLLOWERS > 1 && random.nextInt(COMPANIONS) == 0) {
          fallen.add(network.node(VALIDATORS + random.nextInt(FOLLOWERS)));
        }
        long before = network.head();
        for (NodeProcess each : fallen) {
          each.kill();
        }
        long killed = System.nanoTime();
        Thread.sleep(random.nextLong(MAX_DOWN_MILLIS));
        for (NodeProcess each : fallen) {
          each.start();
        }
        long started = System.nanoTime();
        for (NodeProcess each : fallen) {
          each.awaitServing(Cluster.PATIENCE);
        }
        if (victim < VALIDATORS) {
          // Until it takes part it counts among the dead, of whom there may be one.
          assertThat(LocalNetwork.await(() -> takesPart(node), Cluster.PATIENCE))
              .as(node.name() + " takes part")
              .isTrue();
          returns.add((System.nanoTime() - started) / 1_000_000);
        }
        cluster.awaitAll(before + 2);
        if (victim < VALIDATORS) {
          gaps.addAll(heads.gapsMillis(killed, System.nanoTime()));
        }
        if ((i + 1) % REPORTED_KILLS == 0) {
          report(i + 1, load.count(), gaps, returns);
        }
      }
      cluster.assertNothingIsLost(load);
      report(KILLS, load.count(), gaps, returns);
      print("nothing is lost");
    }
  }

  private static void report(int kills, int transactions, List<Long> gaps, List<Long> returns) {
    Collections.sort(gaps);
    Collections.sort(returns);
    print(
        "%d kills, %d transactions: between blocks with one dead p50 %d ms, p99 %d ms, most %d ms;"
            + " took part after a start p50 %d ms, most %d ms",
        kills,
        transactions,
        HeadWatch.percentile(gaps, 50),
        HeadWatch.percentile(gaps, 99),
        HeadWatch.percentile(gaps, 100),
        HeadWatch.percentile(returns, 50),
        HeadWatch.percentile(returns, 100));
  }

  /// Whether a validator signs at the height at which the others are.
  private boolean takesPart(NodeProcess node) {
    try {
      long head = network.head();
      JsonNode status = node.call("qbft_getStatus", "[]", Cluster.ANSWER);
      return status.path("signing").asBoolean()
          && Long.decode(status.path("height").asText("-1")) >= head;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void allMayDieAtOnce() throws Exception {
    List<Long> recoveries = new ArrayList<>();
    try (TransferLoad load = TransferLoad.start(network.nodes(), RATE, random.nextLong())) {
      for (int i = 0; i < MASS_KILLS; i++) {
        cluster.awaitAll(network.head() + 1);
        for (NodeProcess node : network.nodes()) {
          node.kill();
        }
        network.startAll();
        long started = System.nanoTime();
        network.node(0).awaitServing(Cluster.PATIENCE);
        long head = network.node(0).head(Cluster.ANSWER);
        assertThat(LocalNetwork.awaitHead(List.of(network.node(0)), head + 1, Cluster.PATIENCE))
            .isTrue();
        recoveries.add((System.nanoTime() - started) / 1_000_000);
        cluster.awaitAll(head + 2);
      }
      cluster.assertNothingIsLost(load);
    }
    Collections.sort(recoveries);
    print(
        "%d times all were killed: next block p50 %d ms, most %d ms after the last start",
        MASS_KILLS, HeadWatch.percentile(recoveries, 50), HeadWatch.percentile(recoveries, 100));
  }

  @Test
  void withoutQuorumItReadsAndSaysWhyAndGoesOn() throws Exception {
    try (TransferLoad load = TransferLoad.start(network.nodes(), RATE, random.nextLong())) {
      cluster.awaitAll(network.head() + 1);
      network.node(2).kill();
      network.node(3).kill();
      List<NodeProcess> alive = new ArrayList<>(network.nodes());
      alive.removeIf(node -> !node.isAlive());
      for (NodeProcess node : alive) {
        awaitStatus(node, "stalled");
      }
      JsonNode problem = network.node(0).readiness(Cluster.ANSWER).get("problems").get(0);
      String missing = network.layout().nodes().get(2).validator().toString();
      assertThat(problem.get("problem").asText()).contains("2 of 4 validators", missing);
      JsonNode status = network.node(0).call("qbft_getStatus", "[]", Cluster.ANSWER);
      assertThat(status.get("missing")).hasSize(2);
      long stalledAt = network.head();
      Thread.sleep(OUTAGE_SECONDS * 1_000L);
      for (NodeProcess node : alive) {
        assertThat(node.head(Cluster.ANSWER)).isEqualTo(stalledAt);
        for (Map.Entry<String, String> read : READS.entrySet()) {
          JsonNode said = node.call(read.getKey(), read.getValue(), Cluster.ANSWER);
          assertThat(said.isArray() || said.asText().startsWith("0x"))
              .as("%s: %s", read, said)
              .isTrue();
        }
      }
      long revived = System.nanoTime();
      network.node(2).start();
      network.node(3).start();
      for (NodeProcess node : network.nodes().subList(2, VALIDATORS)) {
        node.awaitServing(Cluster.PATIENCE);
        assertThat(LocalNetwork.await(() -> peers(node) > 1, Cluster.PATIENCE)).isTrue();
      }
      long connected = System.nanoTime();
      assertThat(LocalNetwork.awaitHead(alive, stalledAt + 1, Cluster.PATIENCE)).isTrue();
      long resumed = System.nanoTime();
      for (NodeProcess node : network.nodes()) {
        awaitStatus(node, "ready");
      }
      cluster.assertNothingIsLost(load);
      print(
          "2 of 4 dead for %d s and more: next block %d ms after their start, %d ms after they"
              + " were connected",
          OUTAGE_SECONDS, (resumed - revived) / 1_000_000, (resumed - connected) / 1_000_000);
    }
  }

  private static int peers(NodeProcess node) {
    return Long.decode(quietly(node, "net_peerCount", "[]").asText()).intValue();
  }

  private static void awaitStatus(NodeProcess node, String status) throws Exception {
    assertThat(LocalNetwork.awaitStatus(List.of(node), status, Cluster.PATIENCE))
        .as(node.name() + " is " + status)
        .isTrue();
  }

  /// A fifth validator is voted in and out while transactions flow.
  @Test
  void validatorsComeAndGoByVote() throws Exception {
    byte[] key = new byte[32];
    random.nextBytes(key);
    Path file = network.layout().directory().resolve("fifth-key");
    Files.writeString(file, java.util.HexFormat.of().formatHex(key));
    NodeProcess fifth = join("fifth", FOLLOWERS, List.of("--validator-key", file.toString()));
    fifth.start();
    fifth.awaitServing(Cluster.PATIENCE);
    String address = fifth.call("qbft_getStatus", "[]", Cluster.ANSWER).get("self").asText();
    try (TransferLoad load = TransferLoad.start(network.nodes(), RATE, random.nextLong())) {
      vote(address, true, network.validators());
      awaitValidators(5);
      assertThat(LocalNetwork.await(() -> proposed(address), Cluster.PATIENCE)).isTrue();
      vote(address, false, network.validators());
      awaitValidators(4);
      cluster.assertNothingIsLost(load);
    }
  }

  private static void vote(String address, boolean add, List<NodeProcess> voters) throws Exception {
    for (NodeProcess voter : voters) {
      voter.call("qbft_proposeValidatorVote", "[\"" + address + "\"," + add + "]", Cluster.ANSWER);
    }
  }

  private void awaitValidators(int count) throws Exception {
    for (NodeProcess node : network.nodes()) {
      assertThat(
              LocalNetwork.await(
                  () ->
                      quietly(node, "qbft_getValidatorsByBlockNumber", "[\"latest\"]").size()
                          == count,
                  Cluster.PATIENCE))
          .as(count + " validators at " + node.name())
          .isTrue();
    }
  }

  private boolean proposed(String address) {
    for (JsonNode metric : quietly(network.node(0), "qbft_getSignerMetrics", "[]")) {
      if (metric.get("address").asText().equals(address)) {
        return Long.decode(metric.get("proposedBlockCount").asText()) > 0;
      }
    }
    return false;
  }

  private static JsonNode quietly(NodeProcess node, String method, String params) {
    try {
      return node.call(method, params, Cluster.ANSWER);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void print(String format, Object... numbers) {
    System.out.println(String.format(Locale.ROOT, format, numbers));
  }
}
