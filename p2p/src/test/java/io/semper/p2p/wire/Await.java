package io.semper.p2p.wire;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for what other threads do, until a deadline.
public final class Await {
  private static final long DEADLINE_NANOS = 60_000_000_000L;

  private Await() {}

  public static void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("no " + what + " in time");
      }
      LockSupport.parkNanos(200_000);
    }
  }
}
