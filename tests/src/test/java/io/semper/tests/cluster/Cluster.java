package io.semper.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NodeProcess;
import io.semper.node.local.TransferLoad;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// What has to hold of a network of processes, whatever was done to it.
record Cluster(LocalNetwork network) {
  static final Duration ANSWER = Duration.ofSeconds(10);
  static final Duration PATIENCE = Duration.ofSeconds(120);

  void awaitAll(long number) throws IOException, InterruptedException {
    for (NodeProcess node : network.nodes()) {
      assertThat(LocalNetwork.awaitHead(List.of(node), number, PATIENCE))
          .as(node.name() + " gets to block " + number + ": " + tail(node))
          .isTrue();
    }
  }

  private static String tail(NodeProcess node) throws IOException {
    String output = node.output();
    return output.substring(Math.max(0, output.length() - 4_000));
  }

  /// Everything acknowledged is in every node's chain, which is one.
  void assertNothingIsLost(TransferLoad load) throws IOException, InterruptedException {
    load.stop();
    assertThat(load.count()).isPositive();
    for (NodeProcess node : network.nodes()) {
      assertThat(load.awaitAll(node, PATIENCE)).as("lost at " + node.name()).isEmpty();
    }
    long common = network.head();
    awaitAll(common);
    String block = "[\"0x" + Long.toHexString(common) + "\",false]";
    JsonNode expected = network.node(0).call("eth_getBlockByNumber", block, ANSWER).get("hash");
    for (NodeProcess node : network.nodes()) {
      assertThat(node.call("eth_getBlockByNumber", block, ANSWER).get("hash")).isEqualTo(expected);
    }
  }
}
