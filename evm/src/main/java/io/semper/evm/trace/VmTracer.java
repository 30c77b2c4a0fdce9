package io.semper.evm.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.OpTable;
import io.semper.evm.state.Code;
import io.semper.evm.state.Journal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Keeps what every instruction did to stack, memory and storage: the `vmTrace` Parity invented.
public final class VmTracer implements Tracer {
  private static final int OP_BYTES = 150;
  private static final int WORD_BYTES = 48;
  private static final int SSTORE = 0x55;

  private final Journal state;
  private final ForkRules rules;
  private final TraceBudget budget;
  private final ArrayDeque<Running> running = new ArrayDeque<>();
  private VmTrace top;

  /// The code of one frame and what became of its instructions.
  public record VmTrace(byte[] code, List<Op> ops) {}

  /// An instruction.
  public static final class Op {
    private final int pc;
    private final int code;
    private final long gasBefore;
    private long cost;
    private long gasAfter;
    private boolean failed;
    private List<UInt256> pushed = List.of();
    private int memoryOffset;
    private int memoryLength;
    private byte[] memory;
    private UInt256 key;
    private UInt256 value;
    private VmTrace sub;

    private Op(int pc, int code, long gasBefore) {
      this.pc = pc;
      this.code = code;
      this.gasBefore = gasBefore;
    }

    public int pc() {
      return pc;
    }

    public int code() {
      return code;
    }

    /// Gas it took, for calls including what it handed on.
    public long cost() {
      return cost;
    }

    /// Gas left after it and all it caused.
    public long gasAfter() {
      return gasAfter;
    }

    /// Whether it ended its frame with a failure.
    public boolean failed() {
      return failed;
    }

    /// Words it left on the stack, the top last.
    public List<UInt256> pushed() {
      return pushed;
    }

    public int memoryOffset() {
      return memoryOffset;
    }

    /// The memory it used for its result, `null` for none.
    public byte[] memory() {
      return memory;
    }

    /// The slot it set, `null` for none.
    public UInt256 key() {
      return key;
    }

    public UInt256 value() {
      return value;
    }

    /// What ran inside it, `null` for nothing.
    public VmTrace sub() {
      return sub;
    }
  }

  /// A frame that has not ended.
  private static final class Running {
    final VmTrace trace;
    Op last;

    Running(VmTrace trace) {
      this.trace = trace;
    }
  }

  public VmTracer(Journal state, ForkRules rules, TraceBudget budget) {
    this.state = state;
    this.rules = rules;
    this.budget = budget;
  }

  /// The transaction's own frame, once it has ended.
  public VmTrace top() {
    return top;
  }

  @Override
  public void enter(
      int depth, String kind, Address from, Address to, UInt256 value, byte[] input, long gas) {
    byte[] code =
        switch (kind) {
          case "CREATE", "CREATE2" -> input;
          case "SELFDESTRUCT" -> new byte[0];
          default -> codeOf(to);
        };
    budget.keep(OP_BYTES + code.length);
    running.push(new Running(new VmTrace(code, new ArrayList<>())));
  }

  private byte[] codeOf(Address address) {
    Code code = state.code(state.account(address));
    if (rules.delegation() && code.delegate() != null) {
      code = state.code(state.account(code.delegate()));
    }
    return Arrays.copyOf(code.padded(), code.length());
  }

  @Override
  public void step(Step frame, int pc, int opcode, long gas) {
    Running now = running.peek();
    finish(now.last, frame, gas);
    Op op = new Op(pc, opcode, gas);
    note(op, frame);
    budget.keep(OP_BYTES);
    now.trace.ops.add(op);
    now.last = op;
  }

  /// What will have to be looked at once the instruction has run.
  private static void note(Op op, Step frame) {
    switch (op.code) {
      case 0x51, 0x52 -> noteMemory(op, frame, 0, -32);
      case 0x53 -> noteMemory(op, frame, 0, -1);
      case 0x37, 0x39, 0x3E, 0x5E -> noteMemory(op, frame, 0, 2);
      case 0x3C -> noteMemory(op, frame, 1, 3);
      case 0xF1, 0xF2 -> noteMemory(op, frame, 5, 6);
      case 0xF4, 0xFA -> noteMemory(op, frame, 4, 5);
      case SSTORE -> {
        if (frame.stackSize() >= 2) {
          op.key = fromTop(frame, 0);
          op.value = fromTop(frame, 1);
        }
      }
      default -> {}
    }
  }

  /// @param length where the length stands, or the length itself negated
  private static void noteMemory(Op op, Step frame, int offset, int length) {
    if (frame.stackSize() <= Math.max(offset, length)) {
      return;
    }
    // Larger ones cannot be paid for: the instruction will fail.
    op.memoryOffset = (int) Math.min(Integer.MAX_VALUE, saturated(fromTop(frame, offset)));
    op.memoryLength =
        length < 0 ? -length : (int) Math.min(Integer.MAX_VALUE, saturated(fromTop(frame, length)));
  }

  private static long saturated(UInt256 word) {
    long value = word.toLongSaturated();
    return value < 0 ? Long.MAX_VALUE : value;
  }

  private static UInt256 fromTop(Step frame, int index) {
    return frame.stackWord(frame.stackSize() - 1 - index);
  }

  /// Sees what an instruction has done, when the next one of its frame begins.
  private void finish(Op op, Step frame, long gas) {
    if (op == null) {
      return;
    }
    op.gasAfter = gas;
    OpTable.Row row = OpTable.row(op.code);
    int words = row == null ? 0 : Math.min(row.out(), frame.stackSize());
    if (words > 0) {
      budget.keep((long) words * WORD_BYTES);
      UInt256[] pushed = new UInt256[words];
      for (int i = 0; i < words; i++) {
        pushed[i] = frame.stackWord(frame.stackSize() - words + i);
      }
      op.pushed = Arrays.asList(pushed);
    }
    if (op.memoryLength > 0) {
      budget.keep(op.memoryLength);
      op.memory = frame.memory(op.memoryOffset, op.memoryLength);
    }
  }

  @Override
  public void stepEnd(long cost, Halt halt) {
    Op op = running.peek().last;
    op.cost = cost;
    op.gasAfter = op.gasBefore - cost;
    op.failed = halt != Halt.NONE;
  }

  @Override
  public void exit(int depth, Halt halt, long gasUsed, byte[] output) {
    VmTrace ended = running.pop().trace;
    if (depth == 0) {
      top = ended;
    } else if (!ended.ops.isEmpty()) {
      running.peek().last.sub = ended;
    }
  }
}
