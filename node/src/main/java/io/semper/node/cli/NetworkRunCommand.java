package io.semper.node.cli;

import io.semper.node.local.LocalNetwork;
import io.semper.node.local.NetworkLayout;
import io.semper.node.local.NodeProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `semper network run`: every node of a network on this machine, and one view of them.
@Command(
    name = "run",
    description = "Run all nodes of a network on this machine; a line a second shows them.")
final class NetworkRunCommand implements Callable<Integer> {
  private static final long LINE_MILLIS = 1_000;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      required = true,
      description = "What `network init` made.")
  private Path directory;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    try (LocalNetwork network =
        new LocalNetwork(NetworkLayout.read(directory), NodeProcess.java(List.of()))) {
      network.startAll();
      boolean coloured = Boolean.getBoolean("semper.terminal");
      while (true) {
        Thread.sleep(LINE_MILLIS);
        spec.commandLine().getOut().println(network.line(coloured));
        spec.commandLine().getOut().flush();
      }
    } catch (InterruptedException stop) {
      return 0;
    }
  }
}
