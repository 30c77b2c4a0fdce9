package io.semper.tests.process;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NodeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A `semper` command that serves, as a process of its own on any free port. Runs the launcher that
/// the system property `semper.launcher` names, otherwise the classes of this build.
public final class SemperProcess implements AutoCloseable {
  /// On a machine that does other things as well; a launcher may build first.
  private static final Duration START = Duration.ofSeconds(300);

  private static final Duration CALL = Duration.ofSeconds(30);

  private final NodeProcess process;
  private final Path log;

  private SemperProcess(List<String> command, String host) throws IOException {
    log = Files.createTempFile("semper-process", ".log");
    process = new NodeProcess(String.join(" ", command), command, log, host, 0);
  }

  /// Starts a command and waits until it answers.
  ///
  /// @param arguments such as `dev --port 0`
  public static SemperProcess start(List<String> arguments)
      throws IOException, InterruptedException {
    return startAt(new LocalNetwork.Place(List.of(), "127.0.0.1"), arguments);
  }

  /// The same somewhere else, such as in a network namespace.
  public static SemperProcess startAt(LocalNetwork.Place place, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(place.prefix());
    command.addAll(program());
    command.addAll(arguments);
    SemperProcess started = new SemperProcess(command, place.rpcHost());
    boolean serves = false;
    try {
      started.process.start();
      started.process.awaitServing(START);
      serves = true;
      return started;
    } finally {
      if (!serves) {
        started.close();
      }
    }
  }

  /// What runs `semper`, without its arguments: the launcher that the system property names, or
  /// this build's classes.
  public static List<String> program() {
    String launcher = System.getProperty("semper.launcher");
    // Many at once on few processors: what costs least to start.
    return launcher == null
        ? NodeProcess.java(List.of("-XX:TieredStopAtLevel=1", "-Xmx512m"))
        : List.of(launcher);
  }

  public int port() {
    return process.port();
  }

  public long pid() {
    return process.pid();
  }

  /// Everything it printed.
  public String output() throws IOException {
    return process.output();
  }

  /// Calls a method and returns its result.
  ///
  /// @param params a JSON array
  /// @throws IOException where the node does not answer, or answers with an error
  public JsonNode call(String method, String params) throws IOException, InterruptedException {
    return process.call(method, params, CALL);
  }

  public long blockNumber() throws IOException, InterruptedException {
    return Long.decode(call("eth_blockNumber", "[]").asText());
  }

  /// Waits until the node has a block.
  ///
  /// @throws IOException where it has not in time
  public void awaitBlock(long number, Duration atMost) throws IOException, InterruptedException {
    if (!LocalNetwork.awaitHead(List.of(process), number, atMost)) {
      throw new IOException(
          "at block " + blockNumber() + " instead of " + number + ":\n" + output());
    }
  }

  /// Ends it as a failing machine would.
  public void kill() throws InterruptedException {
    process.kill();
  }

  /// Asks it to stop and waits; it has to end in order.
  public void stop() throws IOException, InterruptedException {
    process.stop();
  }

  @Override
  public void close() {
    process.close();
    log.toFile().delete();
  }
}
