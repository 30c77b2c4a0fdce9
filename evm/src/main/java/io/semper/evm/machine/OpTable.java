package io.semper.evm.machine;

import io.semper.core.fork.Fork;

/// The one list of instructions: mnemonic, stack effect, base gas, and the fork that brought them.
public final class OpTable {
  private static final Row[] ROWS = new Row[256];

  static {
    OpTable table = new OpTable();
    Control.define(table);
    Arithmetic.define(table);
    Bitwise.define(table);
    Hashing.define(table);
    Environment.define(table);
    BlockInfo.define(table);
    StackOps.define(table);
    MemoryOps.define(table);
    Storage.define(table);
    Logs.define(table);
    Calls.define(table);
    Creates.define(table);
  }

  private OpTable() {}

  /// An instruction.
  ///
  /// @param in words it takes from the stack
  /// @param out words it leaves there
  /// @param gas base gas in the fork that brought it; repricings stand in the fork files
  public record Row(int code, String name, int in, int out, int gas, Fork since) {}

  /// The row of an opcode, or `null` where there is no such instruction in any fork.
  public static Row row(int opcode) {
    return ROWS[opcode];
  }

  /// The mnemonic, or `opcode 0x.. not defined`.
  public static String name(int opcode) {
    Row row = ROWS[opcode];
    return row == null ? "opcode 0x" + Integer.toHexString(opcode) + " not defined" : row.name();
  }

  void op(int code, String name, int in, int out, int gas) {
    op(code, name, in, out, gas, Fork.FRONTIER);
  }

  void op(int code, String name, int in, int out, int gas, Fork since) {
    ROWS[code] = new Row(code, name, in, out, gas, since);
  }
}
