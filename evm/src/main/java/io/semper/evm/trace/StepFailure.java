package io.semper.evm.trace;

import io.semper.core.bytes.UInt256;
import io.semper.evm.Halt;
import io.semper.evm.machine.OpTable;
import java.util.Map;

/// Why an instruction failed and what it cost until then, in go-ethereum's words and numbers, which
/// traces are compared by.
final class StepFailure {
  private static final int RETURNDATACOPY = 0x3E;
  private static final int SSTORE = 0x55;
  private static final int TSTORE = 0x5D;
  private static final int KECCAK256 = 0x20;
  private static final int STACK_LIMIT = 1024;
  private static final long WARM_ACCOUNT_GAS = 100; // EIP-2929
  private static final long TSTORE_GAS = 100; // EIP-1153
  private static final long SSTORE_SENTRY_GAS = 2_300; // EIP-2200

  /// Names that go-ethereum has for instructions no fork up to here defines.
  private static final Map<Integer, String> PROPOSED =
      Map.ofEntries(
          Map.entry(0x4B, "SLOTNUM"),
          Map.entry(0xD0, "DATALOAD"),
          Map.entry(0xD1, "DATALOADN"),
          Map.entry(0xD2, "DATASIZE"),
          Map.entry(0xD3, "DATACOPY"),
          Map.entry(0xE0, "RJUMP"),
          Map.entry(0xE1, "RJUMPI"),
          Map.entry(0xE2, "RJUMPV"),
          Map.entry(0xE3, "CALLF"),
          Map.entry(0xE4, "RETF"),
          Map.entry(0xE5, "JUMPF"),
          Map.entry(0xE6, "DUPN"),
          Map.entry(0xE7, "SWAPN"),
          Map.entry(0xE8, "EXCHANGE"),
          Map.entry(0xEC, "EOFCREATE"),
          Map.entry(0xEE, "RETURNCONTRACT"),
          Map.entry(0xF7, "RETURNDATALOAD"),
          Map.entry(0xF8, "EXTCALL"),
          Map.entry(0xF9, "EXTDELEGATECALL"),
          Map.entry(0xFB, "EXTSTATICCALL"),
          Map.entry(0xFE, "INVALID"));

  /// Where instructions have the offset and the length of the memory they use, counted from the top
  /// of the stack; a length of -1 stands for one byte, -32 for a word.
  private static final Map<Integer, int[]> MEMORY_USE =
      Map.ofEntries(
          Map.entry(0x20, new int[] {0, 1}),
          Map.entry(0x37, new int[] {0, 2}),
          Map.entry(0x39, new int[] {0, 2}),
          Map.entry(0x3C, new int[] {1, 3}),
          Map.entry(0x3E, new int[] {0, 2}),
          Map.entry(0x51, new int[] {0, -32}),
          Map.entry(0x52, new int[] {0, -32}),
          Map.entry(0x53, new int[] {0, -1}),
          Map.entry(0x5E, new int[] {0, 2, 1, 2}),
          Map.entry(0xA0, new int[] {0, 1}),
          Map.entry(0xA1, new int[] {0, 1}),
          Map.entry(0xA2, new int[] {0, 1}),
          Map.entry(0xA3, new int[] {0, 1}),
          Map.entry(0xA4, new int[] {0, 1}),
          Map.entry(0xF0, new int[] {1, 2}),
          Map.entry(0xF1, new int[] {3, 4, 5, 6}),
          Map.entry(0xF2, new int[] {3, 4, 5, 6}),
          Map.entry(0xF3, new int[] {0, 1}),
          Map.entry(0xF4, new int[] {2, 3, 4, 5}),
          Map.entry(0xF5, new int[] {1, 2}),
          Map.entry(0xFA, new int[] {2, 3, 4, 5}),
          Map.entry(0xFD, new int[] {0, 1}));

  /// Memory beyond this has a price that exceeds 64 bits.
  private static final int[] NO_MEMORY = {};

  private static final long MAX_PRICED_MEMORY_BYTES = 0x1FFFFFFFE0L;

  private final Tracer.Step frame;
  private final int opcode;
  private final long gas;
  private final Halt halt;
  private final String text;
  private final long cost;

  /// @param gas before the instruction
  /// @param cost what the machine had charged when it failed
  StepFailure(Tracer.Step frame, int opcode, long gas, long cost, Halt halt) {
    this.frame = frame;
    this.opcode = opcode;
    this.gas = gas;
    this.halt = halt;
    text = explain();
    this.cost = cost(cost);
  }

  /// The mnemonic.
  static String name(int opcode) {
    return PROPOSED.getOrDefault(opcode, OpTable.name(opcode));
  }

  String text() {
    return text;
  }

  long cost() {
    return cost;
  }

  /// Whether it failed only after it was paid for.
  boolean whileRunning() {
    return halt == Halt.INVALID_OPCODE
        || halt == Halt.INVALID_JUMP
        || halt == Halt.STATIC_WRITE && opcode == TSTORE
        || halt == Halt.RETURN_DATA_OUT_OF_BOUNDS && text.equals(halt.text());
  }

  private String explain() {
    int have = frame.stackSize();
    OpTable.Row row = OpTable.row(opcode);
    return switch (halt) {
      case STACK_UNDERFLOW -> "stack underflow (" + have + " <=> " + row.in() + ")";
      case STACK_OVERFLOW ->
          "stack limit reached " + have + " (" + (STACK_LIMIT - row.out() + row.in()) + ")";
      case INVALID_OPCODE -> "invalid opcode: " + name(opcode);
      // go-ethereum checks this together with gas.
      case STATIC_WRITE -> opcode == TSTORE ? halt.text() : "out of gas: " + halt.text();
      case OUT_OF_GAS, RETURN_DATA_OUT_OF_BOUNDS -> {
        if (opcode == SSTORE && gas <= SSTORE_SENTRY_GAS) {
          yield "out of gas: not enough gas for reentrancy sentry";
        }
        UInt256 end = memoryEnd(frame, opcode);
        if (!end.fitsLong() || Long.compareUnsigned(end.limb0(), -32) > 0) {
          yield "gas uint64 overflow";
        }
        if (Long.compareUnsigned(end.limb0(), MAX_PRICED_MEMORY_BYTES) > 0) {
          yield "out of gas: gas uint64 overflow";
        }
        yield isCall() && gas >= WARM_ACCOUNT_GAS ? "out of gas: out of gas" : halt.text();
      }
      case NONE,
          REVERT,
          INVALID_JUMP,
          GAS_UINT_OVERFLOW,
          DEPTH,
          INSUFFICIENT_BALANCE,
          CONTRACT_COLLISION,
          NONCE_OVERFLOW,
          CODE_SIZE,
          CODE_STORE_OUT_OF_GAS,
          INITCODE_SIZE,
          INVALID_CODE,
          PRECOMPILE_FAILURE,
          TIMEOUT ->
          halt.text();
    };
  }

  /// go-ethereum prices an instruction as a whole before it looks whether the gas suffices; where
  /// pricing itself fails, only the constant part is shown.
  private long cost(long charged) {
    if (halt == Halt.STATIC_WRITE && opcode == TSTORE) {
      return TSTORE_GAS;
    }
    if (text.startsWith("out of gas: ") || text.equals("gas uint64 overflow")) {
      return isCall() ? WARM_ACCOUNT_GAS : constantGas();
    }
    if (halt != Halt.OUT_OF_GAS && halt != Halt.RETURN_DATA_OUT_OF_BOUNDS) {
      return charged;
    }
    return switch (opcode) {
      case KECCAK256 -> priced(6, 1);
      case 0x37, 0x39, RETURNDATACOPY, 0x5E -> priced(3, 2);
      case 0xA0, 0xA1, 0xA2, 0xA3, 0xA4 ->
          375L * (opcode - 0x9F) + memoryGrowth() + 8 * fromTop(1).toLongSaturated();
      default -> charged;
    };
  }

  private long constantGas() {
    boolean dynamic = opcode == SSTORE || opcode >= 0xA0 && opcode <= 0xA4;
    OpTable.Row row = OpTable.row(opcode);
    return dynamic || row == null ? 0 : row.gas();
  }

  private long priced(int gasPerWord, int lengthAt) {
    long words = (fromTop(lengthAt).toLongSaturated() + 31) / 32;
    return constantGas() + gasPerWord * words + memoryGrowth();
  }

  private long memoryGrowth() {
    long before = frame.memorySize() / 32;
    long after = Math.max(before, (memoryEnd(frame, opcode).limb0() + 31) / 32);
    return memoryCost(after) - memoryCost(before);
  }

  private static long memoryCost(long words) {
    return 3 * words + words * words / 512;
  }

  private boolean isCall() {
    return opcode == 0xF1 || opcode == 0xF2 || opcode == 0xF4 || opcode == 0xFA;
  }

  private UInt256 fromTop(int index) {
    return frame.stackWord(frame.stackSize() - 1 - index);
  }

  /// The end of the memory an instruction wants, saturated.
  static UInt256 memoryEnd(Tracer.Step frame, int opcode) {
    int[] use = MEMORY_USE.getOrDefault(opcode, NO_MEMORY);
    int top = frame.stackSize() - 1;
    UInt256 furthest = UInt256.ZERO;
    for (int i = 0; i < use.length; i += 2) {
      UInt256 offset = frame.stackWord(top - use[i]);
      UInt256 length = use[i + 1] < 0 ? UInt256.of(-use[i + 1]) : frame.stackWord(top - use[i + 1]);
      UInt256 end = length.isZero() ? UInt256.ZERO : offset.plusExact(length);
      if (end == null) {
        return UInt256.MAX;
      }
      furthest = furthest.compareTo(end) < 0 ? end : furthest;
    }
    return furthest;
  }
}
