package io.semper.p2p.limits;

/// A token bucket: on average a number of tokens a second, and a burst of as much at once.
///
/// Not safe for use by several threads at once. Time is `System.nanoTime()` of the caller.
public final class RateLimiter {
  private static final long SECOND = 1_000_000_000L;

  private final double perNano;
  private final double burst;
  private double tokens;
  private long last;

  public RateLimiter(int perSecond, int burst, long nanoTime) {
    this.perNano = (double) perSecond / SECOND;
    this.burst = burst;
    this.tokens = burst;
    this.last = nanoTime;
  }

  /// Takes a token if there is one.
  public boolean tryTake(long nanoTime) {
    return tryTake(1, nanoTime);
  }

  public boolean tryTake(int count, long nanoTime) {
    long passed = nanoTime - last;
    if (passed > 0) {
      tokens = Math.min(burst, tokens + passed * perNano);
      last = nanoTime;
    }
    if (tokens < count) {
      return false;
    }
    tokens -= count;
    return true;
  }

  /// Whether the bucket is full again: it may be forgotten.
  public boolean isFull(long nanoTime) {
    return tokens + Math.max(0, nanoTime - last) * perNano >= burst;
  }
}
