package io.semper.node;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Turns SIGTERM and SIGINT into an interrupt of the thread that runs the command, and lets that
/// thread finish: what it returns is the exit code, as if nobody had interrupted.
final class Termination {
  /// Afterwards the process ends regardless; whoever manages it would kill it soon.
  private static final long MAX_SECONDS = 10;

  private static final int TOO_SLOW = 1;

  private final Thread command;
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile int exitCode = TOO_SLOW;

  private Termination(Thread command) {
    this.command = command;
  }

  /// Watches over the calling thread from now on.
  static Termination ofThisThread() {
    Termination termination = new Termination(Thread.currentThread());
    Thread hook = Thread.ofPlatform().name("stop").unstarted(termination::onSignal);
    Runtime.getRuntime().addShutdownHook(hook);
    return termination;
  }

  /// Called when the command has returned; the process may end.
  void finished(int code) {
    exitCode = code;
    finished.countDown();
  }

  private void onSignal() {
    if (finished.getCount() == 0) {
      return;
    }
    command.interrupt();
    try {
      boolean inTime = finished.await(MAX_SECONDS, TimeUnit.SECONDS);
      System.out.flush();
      System.err.flush();
      // An exit by signal would report the signal, not how the command ended.
      Runtime.getRuntime().halt(inTime ? exitCode : TOO_SLOW);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
