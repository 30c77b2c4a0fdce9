package io.semper.p2p.negotiate;

import java.io.IOException;

/// The other side speaks none of the protocols, or breaks the rules of agreeing on one.
public final class NegotiationException extends IOException {
  private static final long serialVersionUID = 1L;

  public NegotiationException(String message) {
    super(message);
  }
}
