package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.node.account.DevAccounts;
import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NetworkLayout;
import io.semper.node.local.NodeProcess;
import io.semper.node.local.TransferLoad;
import io.semper.tests.process.SemperProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Two light clients before five full nodes, all of them processes, while one full node after the
/// other is stopped or killed and started again, and transactions flow. Who asks the light clients
/// notices nothing.
///
/// `-Dsemper.light.rolls=N` says how many nodes fall.
@EnabledIfSystemProperty(named = "semper.light.rolls", matches = "[1-9]\\d*")
class RolledNodesTest {
  private static final int ROLLS = Integer.getInteger("semper.light.rolls", 5);
  private static final int VALIDATORS = 4;
  private static final int RATE = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /// Longer than any answer may take that is no error.
  private static final Duration ANSWER = Duration.ofSeconds(30);

  private static final long READ_MILLIS = 10;
  private static final String SENDER = DevAccounts.first(1).all().getFirst().address().toString();

  @TempDir private Path folder;

  /// Asks one light client again and again.
  private static final class Reader implements Runnable {
    private final SemperProcess light;
    private final ConcurrentLinkedQueue<Long> nanos = new ConcurrentLinkedQueue<>();
    private final List<String> failures = new ArrayList<>();
    private volatile boolean stopped;
    private long highest;

    private Reader(SemperProcess light) {
      this.light = light;
    }

    @Override
    public void run() {
      while (!stopped && failures.size() < 10) {
        long began = System.nanoTime();
        try {
          long head = light.blockNumber();
          if (head < highest) {
            failures.add("back in time from " + highest + " to " + head);
          }
          highest = head;
          light.call("eth_getBalance", "[\"" + SENDER + "\",\"latest\"]");
          nanos.add((System.nanoTime() - began) / 2);
          Thread.sleep(READ_MILLIS);
        } catch (IOException | RuntimeException failed) {
          failures.add(failed.toString());
        } catch (InterruptedException e) {
          return;
        }
      }
    }
  }

  @Test
  void whoAsksLightClientsDoesNotNoticeThatNodesAreRolled() throws Exception {
    int basePort = NetworkLayout.freeBasePort(VALIDATORS + 1);
    NetworkLayout layout =
        NetworkLayout.onLoopback(
            folder.resolve("net"), VALIDATORS, basePort, NetworkLayout.Terms.TRIAL);
    try (LocalNetwork network = new LocalNetwork(layout, SemperProcess.program())) {
      network.join("full", basePort + VALIDATORS, basePort + VALIDATORS + 100, List.of());
      network.startAll();
      assertThat(LocalNetwork.awaitHead(network.nodes(), 2, PATIENCE)).isTrue();
      List<String> arguments = new ArrayList<>(List.of("light", "--port", "0"));
      arguments.addAll(List.of("--network", layout.networkFile().toString()));
      arguments.add("--upstream");
      arguments.add(
          String.join(
              ",",
              network.nodes().stream().map(node -> "http://127.0.0.1:" + node.port()).toList()));
      try (SemperProcess one = SemperProcess.start(arguments);
          SemperProcess other = SemperProcess.start(arguments);
          TransferLoad load = TransferLoad.start(network.nodes(), RATE, 1)) {
        List<Reader> readers = List.of(new Reader(one), new Reader(other));
        List<Thread> threads = readers.stream().map(Thread.ofVirtual()::start).toList();
        for (int roll = 0; roll < ROLLS; roll++) {
          roll(network, network.node(roll % network.nodes().size()), roll % 2 == 0);
        }
        long head = network.head();
        one.awaitBlock(head, PATIENCE);
        other.awaitBlock(head, PATIENCE);
        readers.forEach(reader -> reader.stopped = true);
        for (Thread thread : threads) {
          assertThat(thread.join(ANSWER)).isTrue();
        }
        load.stop();
        readers.forEach(RolledNodesTest::judge);
        String number = "\"0x" + Long.toHexString(head) + "\"";
        Map<String, String> questions =
            Map.of(
                "eth_getBlockByNumber", "[" + number + ",true]",
                "eth_getBalance", "[\"" + SENDER + "\"," + number + "]",
                "eth_getTransactionCount", "[\"" + SENDER + "\"," + number + "]");
        for (Map.Entry<String, String> each : questions.entrySet()) {
          JsonNode right = network.node(0).call(each.getKey(), each.getValue(), ANSWER);
          assertThat(one.call(each.getKey(), each.getValue())).isEqualTo(right);
          assertThat(other.call(each.getKey(), each.getValue())).isEqualTo(right);
        }
      }
    }
  }

  private static void roll(LocalNetwork network, NodeProcess node, boolean inOrder)
      throws IOException, InterruptedException {
    if (inOrder) {
      node.stop();
    } else {
      node.kill();
    }
    long head = network.head();
    List<NodeProcess> others = network.nodes().stream().filter(NodeProcess::isAlive).toList();
    assertThat(LocalNetwork.awaitHead(others, head + 2, PATIENCE)).isTrue();
    node.start();
    node.awaitServing(PATIENCE);
    assertThat(LocalNetwork.awaitHead(List.of(node), network.head() + 1, PATIENCE)).isTrue();
  }

  private static void judge(Reader reader) {
    assertThat(reader.failures).isEmpty();
    assertThat(reader.nanos).hasSizeGreaterThan(ROLLS * 10);
    long[] sorted = reader.nanos.stream().mapToLong(Long::longValue).sorted().toArray();
    System.out.println(
        String.format(
            Locale.ROOT,
            "%d nodes rolled: %d reads, none failed; p50 %.1f ms, p99 %.1f ms, most %.1f ms",
            ROLLS,
            2 * sorted.length,
            sorted[sorted.length / 2] / 1e6,
            sorted[sorted.length * 99 / 100] / 1e6,
            Arrays.stream(sorted).max().orElse(0) / 1e6));
  }
}
