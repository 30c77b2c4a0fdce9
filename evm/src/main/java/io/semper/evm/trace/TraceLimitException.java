package io.semper.evm.trace;

/// A trace took more time or room than it was given. Thrown through the execution, whose state is
/// then of no use.
public final class TraceLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean time;

  private TraceLimitException(boolean time) {
    super(time ? "execution timeout" : "trace too large", null, false, false);
    this.time = time;
  }

  static TraceLimitException time() {
    return new TraceLimitException(true);
  }

  static TraceLimitException bytes() {
    return new TraceLimitException(false);
  }

  /// Whether time ran out, not room.
  public boolean isTime() {
    return time;
  }
}
