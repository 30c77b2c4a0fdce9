package io.semper.chain.db;

/// The database cannot do what was asked: disk full, files damaged, folder in use. The message
/// tells an operator what happened, where, and what to do.
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }

  /// Why nothing is written any more.
  static StorageException after(StorageException failure) {
    return new StorageException(
        "nothing is written after an earlier failure; restart once it is mended: "
            + failure.getMessage(),
        failure);
  }
}
