package io.semper.p2p.mux;

import io.semper.p2p.limits.Limits;
import io.semper.p2p.limits.RateLimiter;

/// How often a peer may do what costs it nothing: open streams, and send frames that change
/// nothing. The connection's reader's own.
final class Allowance {
  /// Streams over the limit that a peer may go on opening before the connection ends, a second.
  private static final int REFUSALS_PER_SECOND = 1000;

  private final int streams;
  private final RateLimiter opens;
  private final RateLimiter refusals;
  private final RateLimiter idleFrames;

  Allowance(Limits limits) {
    long now = System.nanoTime();
    streams = limits.inboundStreams();
    opens = new RateLimiter(limits.opensPerSecond(), 2 * limits.opensPerSecond(), now);
    refusals = new RateLimiter(REFUSALS_PER_SECOND, REFUSALS_PER_SECOND, now);
    idleFrames =
        new RateLimiter(limits.idleFramesPerSecond(), 2 * limits.idleFramesPerSecond(), now);
  }

  /// Whether the peer, which has `present` streams open, may open one more; else it is reset.
  ///
  /// @throws ProtocolException if it goes on all the same
  boolean mayOpen(int present) throws ProtocolException {
    long now = System.nanoTime();
    if (present < streams && opens.tryTake(now)) {
      return true;
    }
    if (!refusals.tryTake(now)) {
      throw new ProtocolException("opens streams without end");
    }
    return false;
  }

  void countIdleFrame() throws ProtocolException {
    if (!idleFrames.tryTake(System.nanoTime())) {
      throw new ProtocolException("frames without content without end");
    }
  }
}
