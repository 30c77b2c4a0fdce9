package io.semper.evm.trace;

import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.evm.Halt;
import io.semper.evm.machine.OpTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/// Writes an execution as JSON lines (EIP-3155): one for every instruction before it runs, one for
/// every call or creation that ends.
///
/// Where an instruction fails while it runs, its line is followed by a second one with the error,
/// as go-ethereum does; where it fails before, its only line has the error.
public final class Eip3155Tracer implements Tracer {
  private static final int JUMP = 0x56;
  private static final int JUMPI = 0x57;
  private static final int RETURNDATACOPY = 0x3E;
  private static final int REVERT = 0xFD;
  private static final int SSTORE = 0x55;
  private static final int TSTORE = 0x5D;
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

  private static final char[] DIGITS = "0123456789abcdef".toCharArray();

  private final Appendable out;
  private final boolean withMemory;
  private final boolean withStack;
  private final boolean withReturnData;

  // The instruction last begun.
  private Step frame;
  private int pc;
  private int opcode;
  private long gas;
  private long cost;
  private long refund;
  private final StringBuilder body = new StringBuilder(1024);

  /// What went wrong in the innermost running frame, with its numbers.
  private String error;

  /// @param out is written to, never flushed or closed
  public Eip3155Tracer(
      Appendable out, boolean withMemory, boolean withStack, boolean withReturnData) {
    this.out = out;
    this.withMemory = withMemory;
    this.withStack = withStack;
    this.withReturnData = withReturnData;
  }

  @Override
  public void step(Step frame, int pc, int opcode, long gas) {
    this.frame = frame;
    this.pc = pc;
    this.opcode = opcode;
    this.gas = gas;
    error = null;
    describe(frame.stackSize(), frame.memorySize(), withReturnData);
  }

  /// What stands between the gas cost and the refund.
  private void describe(int stackSize, int memorySize, boolean returnData) {
    body.setLength(0);
    if (withMemory && frame.memorySize() > 0) {
      body.append(",\"memory\":\"").append(Hex.encode(frame.memory())).append('"');
    }
    body.append(",\"memSize\":").append(memorySize).append(",\"stack\":");
    if (withStack) {
      body.append('[');
      for (int i = 0; i < stackSize; i++) {
        body.append(i == 0 ? "\"0x" : ",\"0x");
        appendHex(frame.stackWord(i));
        body.append('"');
      }
      body.append(']');
    } else {
      body.append("null");
    }
    if (returnData) {
      byte[] data = frame.returnData();
      if (data.length > 0) {
        body.append(",\"returnData\":\"").append(Hex.encode(data)).append('"');
      }
    }
    body.append(",\"depth\":").append(frame.depth()).append(",\"refund\":");
  }

  private String name() {
    return PROPOSED.getOrDefault(opcode, OpTable.name(opcode));
  }

  private void appendHex(UInt256 word) {
    int digits = Math.max(1, (word.bitLength() + 3) / 4);
    for (int i = digits - 1; i >= 0; i--) {
      long limb =
          switch (i >>> 4) {
            case 0 -> word.limb0();
            case 1 -> word.limb1();
            case 2 -> word.limb2();
            default -> word.limb3();
          };
      body.append(DIGITS[(int) (limb >>> 4 * (i & 15)) & 15]);
    }
  }

  @Override
  public void stepEnd(long cost, Halt halt) {
    // Refunds are settled with the gas of the instruction, so its own already counts.
    refund = frame.refund();
    if (halt == Halt.NONE) {
      writeStep(cost, null);
      return;
    }
    error = explain(halt);
    if (failsWhileRunning(halt)) {
      long paid =
          halt == Halt.RETURN_DATA_OUT_OF_BOUNDS
              ? copyCost()
              : halt == Halt.STATIC_WRITE ? TSTORE_GAS : cost;
      writeStep(paid, null);
      writeFault(paid);
    } else {
      writeStep(cost, error);
    }
  }

  private String explain(Halt halt) {
    int have = frame.stackSize();
    OpTable.Row row = OpTable.row(opcode);
    return switch (halt) {
      case STACK_UNDERFLOW -> "stack underflow (" + have + " \\u003c=\\u003e " + row.in() + ")";
      case STACK_OVERFLOW ->
          "stack limit reached " + have + " (" + (STACK_LIMIT - row.out() + row.in()) + ")";
      case INVALID_OPCODE -> "invalid opcode: " + name();
      // go-ethereum checks this together with gas.
      case STATIC_WRITE -> opcode == TSTORE ? halt.text() : "out of gas: " + halt.text();
      case OUT_OF_GAS, RETURN_DATA_OUT_OF_BOUNDS -> {
        if (opcode == SSTORE && gas <= SSTORE_SENTRY_GAS) {
          yield "out of gas: not enough gas for reentrancy sentry";
        }
        UInt256 end = memoryEnd();
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

  private boolean isCall() {
    return opcode == 0xF1 || opcode == 0xF2 || opcode == 0xF4 || opcode == 0xFA;
  }

  /// The end of the memory the instruction wants, saturated.
  private UInt256 memoryEnd() {
    int[] use = MEMORY_USE.getOrDefault(opcode, NO_MEMORY);
    UInt256 furthest = UInt256.ZERO;
    for (int i = 0; i < use.length; i += 2) {
      UInt256 offset = fromTop(use[i]);
      UInt256 length = use[i + 1] < 0 ? UInt256.of(-use[i + 1]) : fromTop(use[i + 1]);
      UInt256 end = length.isZero() ? UInt256.ZERO : offset.plusExact(length);
      if (end == null) {
        return UInt256.MAX;
      }
      furthest = furthest.compareTo(end) < 0 ? end : furthest;
    }
    return furthest;
  }

  /// Gas of a copy that failed only after it was paid for.
  private long copyCost() {
    long words = (fromTop(2).limb0() + 31) / 32;
    long before = frame.memorySize() / 32;
    long after = Math.max(before, (memoryEnd().limb0() + 31) / 32);
    return 3 + 3 * words + memoryCost(after) - memoryCost(before);
  }

  private static long memoryCost(long words) {
    return 3 * words + words * words / 512;
  }

  private UInt256 fromTop(int index) {
    return frame.stackWord(frame.stackSize() - 1 - index);
  }

  private boolean failsWhileRunning(Halt halt) {
    return halt == Halt.INVALID_OPCODE
        || halt == Halt.INVALID_JUMP
        || halt == Halt.STATIC_WRITE && opcode == TSTORE
        || halt == Halt.RETURN_DATA_OUT_OF_BOUNDS && error.equals(halt.text());
  }

  /// The line of the failed instruction again, with what it had taken from the stack by then gone.
  private void writeFault(long cost) {
    int taken =
        switch (opcode) {
          case JUMP -> 1;
          case JUMPI, REVERT -> 2;
          case RETURNDATACOPY -> 3;
          default -> 0;
        };
    int memorySize = frame.memorySize();
    if (opcode == RETURNDATACOPY) {
      memorySize = Math.max(memorySize, (int) ((memoryEnd().limb0() + 31) / 32 * 32));
    }
    describe(frame.stackSize() - taken, memorySize, false);
    writeStep(cost, error);
  }

  private void writeStep(long cost, String problem) {
    this.cost = cost;
    write("{\"pc\":" + pc + ",\"op\":" + opcode + ",\"gas\":\"0x" + Long.toHexString(gas));
    write("\",\"gasCost\":\"0x" + Long.toHexString(cost) + "\"");
    write(body);
    write(refund + ",\"opName\":\"" + name() + "\"");
    writeEnd(problem);
  }

  @Override
  public void exit(int depth, Halt halt, long gasUsed, byte[] output) {
    String problem = null;
    if (halt == Halt.REVERT && opcode == REVERT && frame.depth() == depth + 1) {
      error = halt.text();
      writeFault(cost);
    }
    if (halt != Halt.NONE) {
      problem = error != null ? error : halt.text();
      error = null;
    }
    String digits = Hex.encode(output).substring(2);
    write("{\"output\":\"" + digits + "\",\"gasUsed\":\"0x" + Long.toHexString(gasUsed) + "\"");
    writeEnd(problem);
  }

  private void writeEnd(String problem) {
    write(problem == null ? "}\n" : ",\"error\":\"" + problem + "\"}\n");
  }

  private void write(CharSequence text) {
    try {
      out.append(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
