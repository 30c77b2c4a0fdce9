package io.semper.lightclient.upstream;

/// A reply that contradicts what is proven. No honest node sends one.
public final class LieException extends Exception {
  private static final long serialVersionUID = 1L;

  public LieException(String message) {
    super(message, null, false, false);
  }
}
