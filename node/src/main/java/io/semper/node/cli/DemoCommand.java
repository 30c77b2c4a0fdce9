package io.semper.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `semper demo`: what Semper is for, shown.
@Command(
    name = "demo",
    description = "Show what Semper is for.",
    subcommands = HaDemoCommand.class,
    synopsisSubcommandLabel = "COMMAND")
final class DemoCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
