package io.semper.p2p.mux;

import java.io.IOException;

/// The stream was reset, by the other side or by ours, or its connection is gone.
public final class StreamResetException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long code;

  public StreamResetException(String message, long code) {
    super(message);
    this.code = code;
  }

  /// The code the other side gave, or 0.
  public long code() {
    return code;
  }
}
