package io.semper.core.view;

/// What was asked for exists, or may exist, but cannot be had right now: nobody answered, or nobody
/// proved his answer. The message says who did not and why.
public final class UnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnavailableException(String message) {
    super(message, null, false, false);
  }
}
