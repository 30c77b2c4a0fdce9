package io.semper.evm.machine;

import io.semper.core.fork.Fork;
import java.util.Map;

/// What the interpreter checks before every instruction in one fork: base gas and stack bounds,
/// packed into a `long` an opcode.
///
/// Bounds are in limbs relative to the offset of the top word (-4 for an empty stack), so that the
/// three checks fold into one sign test. Undefined instructions have a bound no stack meets.
public final class GasTable {
  /// Words a stack can hold.
  static final int STACK_LIMIT = 1024;

  private static final int UNMEETABLE = 8 * STACK_LIMIT;

  private final long[] packed = new long[256];
  private final long[] traced = new long[256];

  public GasTable(Fork fork, Map<Integer, Integer> repriced) {
    for (int code = 0; code < 256; code++) {
      OpTable.Row row = OpTable.row(code);
      if (row == null || fork.before(row.since())) {
        packed[code] = pack(0, UNMEETABLE, 0);
      } else {
        int gas = repriced.getOrDefault(code, row.gas());
        int lowest = 4 * row.in() - 4;
        int highest = 4 * (STACK_LIMIT - row.out() + row.in()) - 4;
        packed[code] = pack(gas, lowest, highest);
      }
      traced[code] = pack(gas(packed[code]), UNMEETABLE, 0);
    }
  }

  /// Bounds that hold only where the instruction can run.
  long[] checked() {
    return packed;
  }

  /// Bounds that never hold: every instruction takes the slow path, where the tracer is.
  long[] traced() {
    return traced;
  }

  /// Base gas of an instruction.
  public int gas(int opcode) {
    return gas(packed[opcode]);
  }

  public boolean isDefined(int opcode) {
    return lowest(packed[opcode]) != UNMEETABLE;
  }

  // Gas in the low 32 bits, then lowest and highest top offset plus 4, 16 bits each.

  private static long pack(int gas, int lowest, int highest) {
    return gas | (long) (lowest + 4) << 32 | (long) (highest + 4) << 48;
  }

  static int gas(long packed) {
    return (int) packed;
  }

  static int lowest(long packed) {
    return (int) (packed >>> 32 & 0xFFFF) - 4;
  }

  static int highest(long packed) {
    return (int) (packed >>> 48) - 4;
  }
}
