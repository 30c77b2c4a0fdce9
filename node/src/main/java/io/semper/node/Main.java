package io.semper.node;

import io.semper.node.cli.SemperCommand;

/// `semper`: runs the command and ends the process with its exit code.
public final class Main {
  /// Within this time of being told to end, a process has ended; whoever manages it would kill it
  /// soon afterwards. What is waited for while stopping takes less, all of it together.
  public static final long MAX_STOP_SECONDS = 10;

  private static final int FAILED = 1;

  private Main() {}

  public static void main(String[] args) {
    Termination termination = Termination.ofThisThread(MAX_STOP_SECONDS);
    int exitCode = FAILED;
    try {
      exitCode = SemperCommand.run(args);
    } finally {
      termination.finished(exitCode);
    }
    System.exit(exitCode);
  }
}
