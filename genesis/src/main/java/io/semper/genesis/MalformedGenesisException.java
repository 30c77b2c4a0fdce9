package io.semper.genesis;

/// A genesis file that does not describe a network. The message names the field and what was
/// expected there.
public final class MalformedGenesisException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String field;

  MalformedGenesisException(String field, String problem) {
    super((field.isEmpty() ? "genesis file" : field) + ": " + problem);
    this.field = field;
  }

  /// Path of the field, such as `config.blobSchedule.cancun.max`; empty for the whole file.
  public String field() {
    return field;
  }
}
