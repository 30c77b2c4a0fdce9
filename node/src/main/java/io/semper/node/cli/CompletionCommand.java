package io.semper.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `semper completion`.
@Command(
    name = "completion",
    description = "Print a completion script for bash and zsh: source <(semper completion)")
final class CompletionCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().getOut().print(SemperCommand.completionScript());
    spec.commandLine().getOut().flush();
  }
}
