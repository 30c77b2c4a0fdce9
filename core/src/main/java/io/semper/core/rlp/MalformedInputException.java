package io.semper.core.rlp;

/// Input from outside that does not decode. The one exception every decoder throws.
public final class MalformedInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int offset;

  /// @param offset byte position in the input at which decoding stopped
  public MalformedInputException(String problem, int offset) {
    super(problem + " at byte " + offset);
    this.offset = offset;
  }

  public int offset() {
    return offset;
  }
}
