package io.semper.core.view;

/// The block is known, but what was asked of it is not kept. The message says from where on it is.
public final class HistoryUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public HistoryUnavailableException(String message) {
    super(message);
  }
}
