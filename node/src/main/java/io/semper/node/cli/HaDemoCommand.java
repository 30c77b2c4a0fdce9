package io.semper.node.cli;

import io.semper.node.local.HaDemo;
import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NetworkLayout;
import io.semper.node.local.NodeProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `semper demo ha`: four validators that do not stay dead.
@Command(
    name = "ha",
    description = {
      "Run four validators for two minutes, kill and freeze them while",
      "transactions flow, and say what was lost."
    })
final class HaDemoCommand implements Callable<Integer> {
  /// For processes that live two minutes, four on few processors.
  private static final List<String> JAVA_OPTIONS = List.of("-XX:TieredStopAtLevel=1", "-Xmx512m");

  private static final int MAX_RATE = 1_000;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Keep the network here; must not exist (default: a temporary folder).")
  private Path directory;

  @Option(
      names = "--base-port",
      paramLabel = "PORT",
      description = "Ports PORT to PORT+3 and PORT+100 to PORT+103 (default: free ones).")
  private Integer basePort;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "50",
      description = "Transactions a second (default: 50).")
  private int rate;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (rate < 1 || rate > MAX_RATE) {
      throw new Failure("--rate: 1 to " + MAX_RATE + " are possible");
    }
    if (directory != null && Files.exists(directory)) {
      throw new Failure("--dir: " + directory + " exists");
    }
    Path chosen = directory == null ? Files.createTempDirectory("semper-ha") : directory;
    int ports = basePort == null ? NetworkLayout.freeBasePort(4) : basePort;
    NetworkLayout layout = NetworkLayout.onLoopback(chosen, 4, ports, NetworkLayout.Terms.TRIAL);
    spec.commandLine().getOut().println("the network is in " + chosen);
    boolean whole;
    try (LocalNetwork network = new LocalNetwork(layout, NodeProcess.java(JAVA_OPTIONS))) {
      whole = new HaDemo(network, rate, spec.commandLine().getOut()).run();
    } catch (InterruptedException stop) {
      return SemperCommand.FAILED;
    }
    if (whole && directory == null) {
      delete(chosen);
    }
    return whole ? 0 : SemperCommand.FAILED;
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.toList();
    }
    for (Path path : all.reversed()) {
      Files.delete(path);
    }
  }
}
