package io.semper.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NetworkLayout;
import io.semper.node.local.NodeProcess;
import io.semper.node.local.TransferLoad;
import io.semper.tests.process.SemperProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// A second process with a validator's key: silent while the first is there, in its place when it
/// is not, and never both.
@EnabledIfSystemProperty(named = "semper.qbft.whole", matches = "true")
class StandbyTest {
  private static final int VALIDATORS = 4;
  private static final int RATE = 20;

  private LocalNetwork network;
  private Cluster cluster;
  private NodeProcess first;
  private NodeProcess second;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    int basePort = NetworkLayout.freeBasePort(VALIDATORS + 1);
    NetworkLayout layout =
        NetworkLayout.onLoopback(
            folder.resolve("net"), VALIDATORS, basePort, NetworkLayout.Terms.TRIAL);
    network = new LocalNetwork(layout, SemperProcess.program());
    cluster = new Cluster(network);
    first = network.node(0);
    String key = layout.nodes().getFirst().keyFile().toString();
    int port = basePort + VALIDATORS;
    second =
        network.join(
            "standby",
            port,
            port + 100,
            List.of("--validator-key", key, "--standby", "--takeover-after", "3"));
    network.startAll();
    cluster.awaitAll(2);
  }

  @AfterEach
  void stop() {
    network.close();
  }

  private static JsonNode status(NodeProcess node) {
    try {
      return node.call("qbft_getStatus", "[]", Cluster.ANSWER);
    } catch (IOException notYet) {
      return null;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean signs(NodeProcess node) {
    JsonNode status = status(node);
    return status != null && status.get("signing").asBoolean();
  }

  @Test
  void itTakesOverAndTheFirstBecomesTheStandby() throws Exception {
    try (TransferLoad load = TransferLoad.start(network.nodes(), RATE, 1)) {
      assertThat(LocalNetwork.await(() -> signs(first), Cluster.PATIENCE)).isTrue();
      assertThat(signs(second)).isFalse();
      first.kill();
      assertThat(LocalNetwork.await(() -> signs(second), Cluster.PATIENCE)).isTrue();
      long height = Long.decode(status(second).get("height").asText());
      first.start();
      first.awaitServing(Cluster.PATIENCE);
      cluster.awaitAll(height + 2L * VALIDATORS);
      assertThat(signs(first)).isFalse();
      assertThat(signs(second)).isTrue();
      // By command it goes back.
      second.kill();
      first.call("qbft_takeOver", "[]", Cluster.ANSWER);
      assertThat(LocalNetwork.await(() -> signs(first), Cluster.PATIENCE)).isTrue();
      second.start();
      second.awaitServing(Cluster.PATIENCE);
      cluster.awaitAll(network.head() + 2L * VALIDATORS);
      assertThat(signs(first)).isTrue();
      assertThat(signs(second)).isFalse();
      cluster.assertNothingIsLost(load);
    }
  }
}
