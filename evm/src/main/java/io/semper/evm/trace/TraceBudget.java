package io.semper.evm.trace;

import java.util.function.LongSupplier;

/// What the traces of one request may take: bytes they keep in memory until they are written, and
/// time. Used by one thread.
public final class TraceBudget {
  /// Instructions between two looks at the clock.
  private static final int STEPS_PER_LOOK = 1024;

  private final LongSupplier nanoTime;
  private final long deadlineNanos;
  private final long maxBytes;
  private long bytes;
  private int steps;

  /// @param deadlineNanos on the clock `nanoTime`
  public TraceBudget(long maxBytes, long deadlineNanos, LongSupplier nanoTime) {
    this.maxBytes = maxBytes;
    this.deadlineNanos = deadlineNanos;
    this.nanoTime = nanoTime;
  }

  /// The same room, shared by the transactions of a request, with less time.
  public TraceBudget until(long earlierNanos) {
    long earliest = earlierNanos - deadlineNanos < 0 ? earlierNanos : deadlineNanos;
    return new TraceBudget(maxBytes - bytes, earliest, nanoTime);
  }

  /// Called for each instruction.
  ///
  /// @throws TraceLimitException where the time is over
  void step() {
    if (++steps == STEPS_PER_LOOK) {
      steps = 0;
      checkTime();
    }
  }

  /// @throws TraceLimitException where the time is over
  public void checkTime() {
    if (nanoTime.getAsLong() - deadlineNanos > 0) {
      throw TraceLimitException.time();
    }
  }

  /// Called before something is kept.
  ///
  /// @throws TraceLimitException where there is no room for it
  void keep(long count) {
    bytes += count;
    if (bytes > maxBytes) {
      throw TraceLimitException.bytes();
    }
  }
}
