package io.semper.node;

import io.semper.node.log.Logging;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Turns SIGTERM and SIGINT into an interrupt of the thread that runs the command, and lets that
/// thread finish: what it returns is the exit code, as if nobody had interrupted.
final class Termination {
  /// Frames told of where the command stands.
  private static final int FRAMES = 12;

  private static final int TOO_SLOW = 1;

  private final Thread command;
  private final long maxSeconds;
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile int exitCode = TOO_SLOW;

  private Termination(Thread command, long maxSeconds) {
    this.command = command;
    this.maxSeconds = maxSeconds;
  }

  /// Watches over the calling thread from now on.
  ///
  /// @param maxSeconds after a signal, when the process ends regardless, and says what it waited
  ///   for
  static Termination ofThisThread(long maxSeconds) {
    Termination termination = new Termination(Thread.currentThread(), maxSeconds);
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
    Logging.ending();
    command.interrupt();
    try {
      boolean inTime = finished.await(maxSeconds, TimeUnit.SECONDS);
      if (!inTime) {
        System.err.println(hung());
      }
      System.out.flush();
      System.err.flush();
      // An exit by signal would report the signal, not how the command ended.
      Runtime.getRuntime().halt(inTime ? exitCode : TOO_SLOW);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String hung() {
    StringBuilder text = new StringBuilder("semper: not stopped within ");
    text.append(maxSeconds).append(" s, ending regardless; it waits here:");
    StackTraceElement[] frames = command.getStackTrace();
    for (int i = 0; i < Math.min(FRAMES, frames.length); i++) {
      text.append("\n  at ").append(frames[i]);
    }
    return text.toString();
  }
}
