package io.semper.tests.interop;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for what happens on other threads, looking often and giving up at a deadline.
final class Waiting {
  private static final long DEADLINE_NANOS = 60_000_000_000L;

  private Waiting() {}

  static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("no " + what + " in time");
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
