package io.semper.evm.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.evm.Halt;
import java.io.IOException;
import java.io.UncheckedIOException;

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
  private static final char[] DIGITS = "0123456789abcdef".toCharArray();

  private final Appendable out;
  private final boolean withMemory;
  private final boolean withStack;
  private final boolean withReturnData;
  private final boolean withFrames;

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
    this(out, withMemory, withStack, withReturnData, false);
  }

  /// @param withFrames writes a line for every call or creation that begins, too
  public Eip3155Tracer(
      Appendable out,
      boolean withMemory,
      boolean withStack,
      boolean withReturnData,
      boolean withFrames) {
    this.out = out;
    this.withMemory = withMemory;
    this.withStack = withStack;
    this.withReturnData = withReturnData;
    this.withFrames = withFrames;
  }

  @Override
  public void enter(
      int depth, String kind, Address from, Address to, UInt256 value, byte[] input, long gas) {
    if (!withFrames) {
      return;
    }
    String data = withMemory && input.length > 0 ? "\",\"input\":\"" + Hex.encode(input) : "";
    write("{\"from\":\"" + from + "\",\"to\":\"" + to + data);
    write("\",\"gas\":\"0x" + Long.toHexString(gas) + "\",\"value\":");
    write(value == null ? "null" : "\"" + value.toHex() + "\"");
    write(",\"type\":\"" + kind + "\"}\n");
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
    StepFailure failure = new StepFailure(frame, opcode, gas, cost, halt);
    error = failure.text();
    if (failure.whileRunning()) {
      writeStep(failure.cost(), null);
      writeFault(failure.cost());
    } else {
      writeStep(failure.cost(), error);
    }
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
      memorySize =
          Math.max(
              memorySize, (int) ((StepFailure.memoryEnd(frame, opcode).limb0() + 31) / 32 * 32));
    }
    describe(frame.stackSize() - taken, memorySize, false);
    writeStep(cost, error);
  }

  private void writeStep(long cost, String problem) {
    this.cost = cost;
    write("{\"pc\":" + pc + ",\"op\":" + opcode + ",\"gas\":\"0x" + Long.toHexString(gas));
    write("\",\"gasCost\":\"0x" + Long.toHexString(cost) + "\"");
    write(body);
    write(refund + ",\"opName\":\"" + StepFailure.name(opcode) + "\"");
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
    write(problem == null ? "}\n" : ",\"error\":\"" + escaped(problem) + "\"}\n");
  }

  private static String escaped(String text) {
    return text.replace("<", "\\u003c").replace(">", "\\u003e");
  }

  private void write(CharSequence text) {
    try {
      out.append(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
