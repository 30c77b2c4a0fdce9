package io.semper.chain.sync;

/// A peer did not answer, or not as the protocol has it.
final class PeerException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean deceit;

  private PeerException(String message, boolean deceit, Throwable cause) {
    super(message, cause);
    this.deceit = deceit;
  }

  /// Silence, a closed connection, a refusal: what can happen to anybody.
  static PeerException unavailable(String message, Throwable cause) {
    return new PeerException(message, false, cause);
  }

  /// An answer that no honest node gives.
  static PeerException deceit(String message) {
    return new PeerException(message, true, null);
  }

  /// Whether an honest peer could not have caused this.
  boolean isDeceit() {
    return deceit;
  }
}
