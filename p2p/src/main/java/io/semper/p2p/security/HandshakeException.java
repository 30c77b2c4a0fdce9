package io.semper.p2p.security;

import java.io.IOException;

/// The other side could not prove who it is, is not who was asked for, or broke the handshake.
public final class HandshakeException extends IOException {
  private static final long serialVersionUID = 1L;

  public HandshakeException(String message) {
    super(message);
  }

  public HandshakeException(String message, Throwable cause) {
    super(message, cause);
  }
}
