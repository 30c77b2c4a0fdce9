package io.semper.tests.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NetworkLayout;
import io.semper.tests.process.SemperProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// `semper network run` and `semper demo ha` as their users run them: one process that has others.
@EnabledIfSystemProperty(named = "semper.qbft.whole", matches = "true")
class OneMachineTest {
  private static final int VALIDATORS = 4;
  private static final long DEMO_MINUTES = 10;

  @TempDir private Path folder;
  private Path said;
  private Process process;
  private List<ProcessHandle> children = List.of();

  private void start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(SemperProcess.program());
    command.addAll(List.of(arguments));
    said = folder.resolve("said");
    process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
  }

  @AfterEach
  void end() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    children.forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private String output() {
    try {
      return Files.readString(said);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void awaitLine(String what, String pattern) throws InterruptedException {
    Predicate<String> line = Pattern.compile(pattern).asPredicate();
    boolean seen =
        LocalNetwork.await(() -> line.test(output()) || !process.isAlive(), Cluster.PATIENCE);
    assertThat(seen && line.test(output())).as(what + ": " + output()).isTrue();
  }

  @Test
  void aNetworkRunsShowsWhoProposesAndWhoIsMissingAndEndsWhole() throws Exception {
    int basePort = NetworkLayout.freeBasePort(VALIDATORS);
    Path net = folder.resolve("net");
    NetworkLayout.onLoopback(net, VALIDATORS, basePort, NetworkLayout.Terms.TRIAL);
    start("network", "run", "--dir", net.toString());
    for (int i = 1; i <= VALIDATORS; i++) {
      awaitLine("node-" + i + " proposes", "block [1-9]\\d* of node-" + i + ": ");
    }
    children = process.descendants().toList();
    assertThat(children).hasSize(VALIDATORS);
    ProcessHandle dead =
        children.stream()
            .filter(child -> child.info().commandLine().orElse("").contains("node-3"))
            .findFirst()
            .orElse(children.getFirst());
    dead.destroyForcibly();
    awaitLine("one is missing", "node-\\d is missing");

    process.destroy();
    assertThat(process.waitFor(Cluster.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output()).isZero();
    // Whose parent has waited for them are gone when it is.
    assertThat(children).noneMatch(ProcessHandle::isAlive);
    for (int i = 1; i <= VALIDATORS; i++) {
      assertThat(NetworkLayout.isFree(basePort + i - 1)).as("port of node-" + i).isTrue();
    }
  }

  /// Each step in its turn, and nothing lost.
  @Test
  void theDemoLosesNothing() throws Exception {
    Path net = folder.resolve("net");
    start("demo", "ha", "--dir", net.toString(), "--rate", "20");
    boolean ended = process.waitFor(DEMO_MINUTES, TimeUnit.MINUTES);
    assertThat(ended).as(output()).isTrue();
    assertThat(process.exitValue()).as(output()).isZero();
    assertThat(output())
        .containsSubsequence(
            "the first block is final",
            "kill -9 of node-2",
            "three are enough: ",
            "kill -9 of node-3",
            "writes wait at block ",
            "/health/ready of node-1 says stalled: stalled at block ",
            "2 of 4 validators are there, 3 needed",
            "reads go on: node-1 answers a balance of 0x",
            "reads go on: node-4 answers a balance of 0x",
            "node-2 and node-3 are started again",
            "the next block is there ",
            "all four again: ",
            "node-4 is cut off",
            "the others go on: ",
            "node-4 is back",
            "rolling restart",
            "all four restarted: ",
            " at all of them",
            "lost: nothing");
  }
}
