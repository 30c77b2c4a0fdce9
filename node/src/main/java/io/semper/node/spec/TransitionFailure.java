package io.semper.node.spec;

/// Why `evm t8n` ends without a result, with the exit code go-ethereum has for it.
final class TransitionFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final int EVM = 2;
  static final int CONFIG = 3;
  static final int MISSING_BLOCK_HASH = 4;
  static final int JSON = 10;
  static final int IO = 11;
  static final int RLP = 12;

  private final int code;

  TransitionFailure(int code, String problem) {
    super("ERROR(" + code + "): " + problem);
    this.code = code;
  }

  int code() {
    return code;
  }
}
