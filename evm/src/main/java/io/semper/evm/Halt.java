package io.semper.evm;

/// How a frame ended. Everything but [#NONE] undoes its changes; all but [#REVERT] take its gas.
public enum Halt {
  NONE(""),
  REVERT("execution reverted"),
  OUT_OF_GAS("out of gas"),
  STACK_UNDERFLOW("stack underflow"),
  STACK_OVERFLOW("stack limit reached 1024"),
  INVALID_OPCODE("invalid opcode"),
  INVALID_JUMP("invalid jump destination"),
  STATIC_WRITE("write protection"),
  RETURN_DATA_OUT_OF_BOUNDS("return data out of bounds"),
  GAS_UINT_OVERFLOW("gas uint64 overflow"),
  DEPTH("max call depth exceeded"),
  INSUFFICIENT_BALANCE("insufficient balance for transfer"),
  CONTRACT_COLLISION("contract address collision"),
  NONCE_OVERFLOW("nonce uint64 overflow"),
  CODE_SIZE("max code size exceeded"),
  CODE_STORE_OUT_OF_GAS("contract creation code storage out of gas"),
  INITCODE_SIZE("max initcode size exceeded"),
  INVALID_CODE("invalid code: must not begin with 0xef"),
  PRECOMPILE_FAILURE("precompiled contract failed"),
  TIMEOUT("execution aborted (timeout)");

  private final String text;

  Halt(String text) {
    this.text = text;
  }

  /// go-ethereum's wording.
  public String text() {
    return text;
  }
}
