package io.semper.rpc;

import java.util.Optional;

/// What a method may know of the call it answers.
///
/// @param deadlineNanos `System.nanoTime()` after which no answer is wanted; shared by a batch
/// @param subscriber where notifications go, empty over plain HTTP
public record CallContext(long deadlineNanos, Optional<Subscriber> subscriber) {

  public boolean expired() {
    return System.nanoTime() - deadlineNanos > 0;
  }

  /// Called inside long loops.
  ///
  /// @throws RpcException where the time is over
  public void checkDeadline() {
    if (expired()) {
      throw new RpcException(RpcException.UNAVAILABLE, "request timed out");
    }
  }

  public long remainingMillis() {
    return Math.max(0, (deadlineNanos - System.nanoTime()) / 1_000_000);
  }
}
