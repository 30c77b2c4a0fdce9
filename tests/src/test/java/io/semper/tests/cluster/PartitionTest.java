package io.semper.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NetworkLayout;
import io.semper.node.local.NodeProcess;
import io.semper.node.local.TransferLoad;
import io.semper.tests.process.SemperProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Four validators, each in a network namespace of its own, whose connections are cut in silence:
/// nobody is told, packets are gone. Needs root and `-Dsemper.qbft.whole=true`.
///
/// `semper.qbft.partitionSeconds` says how long each lasts (5), `semper.seed` how it flaps.
@EnabledIfSystemProperty(named = "semper.qbft.whole", matches = "true")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PartitionTest {
  private static final int VALIDATORS = 4;
  private static final int PORT = 8_545;
  private static final int RATE = 50;
  private static final long LASTS_MILLIS =
      1_000L * Integer.getInteger("semper.qbft.partitionSeconds", 5);

  /// What was under way when the cable was cut still arrives.
  private static final long SETTLE_MILLIS = 1_500;

  private final Random random = new Random(Long.getLong("semper.seed", 1));
  private Namespaces namespaces;
  private LocalNetwork network;
  private Cluster cluster;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    Optional<String> why = Namespaces.unavailable();
    assumeTrue(why.isEmpty(), () -> "no network namespaces here: " + why.orElse(""));
    namespaces = Namespaces.create(VALIDATORS);
    List<String> hosts = IntStream.range(0, VALIDATORS).mapToObj(namespaces::host).toList();
    NetworkLayout layout =
        NetworkLayout.create(folder.resolve("net"), hosts, PORT, NetworkLayout.Terms.TRIAL);
    network = new LocalNetwork(layout, SemperProcess.program(), namespaces::place);
    cluster = new Cluster(network);
    network.startAll();
    cluster.awaitAll(2);
  }

  @AfterAll
  void stop() {
    if (network != null) {
      network.close();
    }
    if (namespaces != null) {
      namespaces.close();
    }
  }

  private interface Cut {
    void run() throws Exception;
  }

  /// Cuts, waits, heals, and waits until everybody has come further than anybody was.
  private void during(String what, Cut cut, Cut meanwhile, Cut heal) throws Exception {
    try (TransferLoad load = TransferLoad.start(network.nodes(), RATE, random.nextLong())) {
      cut.run();
      Thread.sleep(SETTLE_MILLIS);
      meanwhile.run();
      heal.run();
      long healed = System.nanoTime();
      cluster.awaitAll(network.head() + 1);
      long millis = (System.nanoTime() - healed) / 1_000_000;
      cluster.assertNothingIsLost(load);
      System.out.println(
          String.format(
              Locale.ROOT, "%s for %d ms: all go on %d ms after it", what, LASTS_MILLIS, millis));
    }
  }

  private void nobodyGoesOn() throws Exception {
    List<Long> before = heads();
    Thread.sleep(LASTS_MILLIS);
    assertThat(heads()).isEqualTo(before);
  }

  private void goOn(List<Integer> those) throws Exception {
    long before = heads().get(those.getFirst());
    List<NodeProcess> majority = those.stream().map(network::node).toList();
    assertThat(LocalNetwork.awaitHead(majority, before + 2, Cluster.PATIENCE)).isTrue();
    Thread.sleep(LASTS_MILLIS);
  }

  private List<Long> heads() throws InterruptedException {
    List<Long> heads = new ArrayList<>();
    for (NodeProcess node : network.nodes()) {
      heads.add(node.head(Cluster.ANSWER));
    }
    return heads;
  }

  @Test
  void twoAndTwoDecideNothing() throws Exception {
    during(
        "2|2",
        () -> {
          namespaces.side(2, 1);
          namespaces.side(3, 1);
        },
        this::nobodyGoesOn,
        namespaces::heal);
  }

  @Test
  void threeGoOnWithoutTheFourth() throws Exception {
    during(
        "3|1",
        () -> namespaces.side(3, 1),
        () -> {
          long before = heads().get(3);
          goOn(List.of(0, 1, 2));
          assertThat(heads().get(3)).isEqualTo(before);
        },
        namespaces::heal);
  }

  @Test
  void oneWhoIsNotHeardIsDoneWithout() throws Exception {
    during(
        "one way",
        () -> {
          for (int to = 1; to < VALIDATORS; to++) {
            namespaces.mute(0, to);
          }
        },
        () -> goOn(List.of(1, 2, 3)),
        () -> {
          for (int to = 1; to < VALIDATORS; to++) {
            namespaces.unmute(0, to);
          }
        });
  }

  @Test
  void cablesThatComeAndGoDoNotMatterAfterwards() throws Exception {
    during(
        "flapping",
        () -> namespaces.side(1, 1),
        () -> {
          long end = System.nanoTime() + LASTS_MILLIS * 1_000_000;
          while (System.nanoTime() < end) {
            namespaces.side(random.nextInt(VALIDATORS), random.nextInt(2));
            Thread.sleep(200 + random.nextInt(1_500));
          }
        },
        namespaces::heal);
  }
}
