package io.semper.compiler;

/// An instruction whose body translated code calls.
///
/// @param name of the method in the interpreter's package
/// @param operands words it takes
/// @param metered whether it takes the gas that is left and returns what then is
/// @param result what it leaves on the stack
record Outcall(String name, int operands, boolean metered, Result result) {
  enum Result {
    NONE,
    /// Four limbs at the start of the machine's words.
    WORD,
    /// The method's own result.
    LIMB
  }

  private static final Outcall[] BY_OPCODE = new Outcall[256];

  static {
    pure(0x05, "sdiv", 2);
    pure(0x07, "smod", 2);
    pure(0x08, "addmod", 3);
    pure(0x09, "mulmod", 3);
    metered(0x0A, "exp", 2);
    pure(0x0B, "signextend", 2);
    pure(0x1A, "byteAt", 2);
    pure(0x1B, "shl", 2);
    pure(0x1C, "shr", 2);
    pure(0x1D, "sar", 2);
    pure(0x1E, "clz", 1);
    metered(0x20, "keccak256", 2);
    pure(0x30, "address", 0);
    metered(0x31, "balance", 1);
    pure(0x32, "origin", 0);
    pure(0x33, "caller", 0);
    pure(0x34, "callvalue", 0);
    pure(0x35, "calldataload", 1);
    limb(0x36, "calldatasize");
    silent(0x37, "calldatacopy", 3);
    silent(0x39, "codecopy", 3);
    pure(0x3A, "gasprice", 0);
    metered(0x3B, "extcodesize", 1);
    limb(0x3D, "returndatasize");
    silent(0x3E, "returndatacopy", 3);
    metered(0x3F, "extcodehash", 1);
    pure(0x41, "coinbase", 0);
    limb(0x42, "timestamp");
    limb(0x43, "number");
    pure(0x44, "difficulty", 0);
    limb(0x45, "gaslimit");
    pure(0x46, "chainid", 0);
    pure(0x47, "selfbalance", 0);
    pure(0x48, "basefee", 0);
    metered(0x54, "sload", 1);
    silent(0x55, "sstore", 2);
    limb(0x59, "msize");
    pure(0x5C, "tload", 1);
    silent(0x5D, "tstore", 2);
    silent(0x5E, "mcopy", 3);
    for (int topics = 0; topics <= 4; topics++) {
      silent(0xA0 + topics, "log" + topics, 2 + topics);
    }
  }

  /// The call for an opcode, or `null` where there is none.
  static Outcall of(int opcode) {
    return BY_OPCODE[opcode];
  }

  private static void pure(int opcode, String name, int operands) {
    BY_OPCODE[opcode] = new Outcall(name, operands, false, Result.WORD);
  }

  private static void metered(int opcode, String name, int operands) {
    BY_OPCODE[opcode] = new Outcall(name, operands, true, Result.WORD);
  }

  private static void silent(int opcode, String name, int operands) {
    BY_OPCODE[opcode] = new Outcall(name, operands, true, Result.NONE);
  }

  private static void limb(int opcode, String name) {
    BY_OPCODE[opcode] = new Outcall(name, 0, false, Result.LIMB);
  }
}
