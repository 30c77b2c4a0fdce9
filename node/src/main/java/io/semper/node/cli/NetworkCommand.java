package io.semper.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `semper network`: QBFT networks of one's own.
@Command(
    name = "network",
    description = "Make and run a QBFT network of your own.",
    subcommands = {NetworkInitCommand.class, NetworkRunCommand.class, NetworkCheckCommand.class},
    synopsisSubcommandLabel = "COMMAND")
final class NetworkCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
