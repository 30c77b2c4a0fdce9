package io.semper.node;

import io.semper.node.cli.SemperCommand;

/// `semper`: runs the command and ends the process with its exit code.
public final class Main {
  private static final int FAILED = 1;

  private Main() {}

  public static void main(String[] args) {
    Termination termination = Termination.ofThisThread();
    int exitCode = FAILED;
    try {
      exitCode = SemperCommand.run(args);
    } finally {
      termination.finished(exitCode);
    }
    System.exit(exitCode);
  }
}
