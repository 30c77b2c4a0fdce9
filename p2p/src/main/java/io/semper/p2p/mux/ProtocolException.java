package io.semper.p2p.mux;

import java.io.IOException;

/// The peer broke the multiplexer's protocol, or did too much of what it allows.
final class ProtocolException extends IOException {
  private static final long serialVersionUID = 1L;

  ProtocolException(String message) {
    super(message);
  }
}
