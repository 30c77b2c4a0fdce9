package io.semper.evm.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Log;
import io.semper.evm.Halt;
import io.semper.evm.trace.CallFrame.CallLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Keeps the tree of calls of one transaction.
public final class CallTracer implements Tracer {
  /// What a frame or a log takes beside its bytes, roughly.
  private static final int OVERHEAD_BYTES = 300;

  private final boolean onlyTopCall;
  private final boolean withLog;
  private final long firstLog;
  private final Predicate<CallFrame> wanted;
  private final TraceBudget budget;

  private final ArrayDeque<Open> open = new ArrayDeque<>();
  private CallFrame top;
  private int depth;

  // The instruction last begun, and why it failed.
  private Step step;
  private int opcode;
  private long gas;
  private String failure;

  /// A frame that has not ended.
  private static final class Open {
    String type;
    Address from;
    Address to;
    UInt256 value;
    byte[] input;
    long gas;
    List<CallFrame> calls = List.of();
    List<CallLog> logs = List.of();
  }

  /// @param firstLog logs of the block before this transaction
  /// @param wanted frames below the transaction's own that are kept, with all they caused
  public CallTracer(
      boolean onlyTopCall,
      boolean withLog,
      long firstLog,
      Predicate<CallFrame> wanted,
      TraceBudget budget) {
    this.onlyTopCall = onlyTopCall;
    this.withLog = withLog;
    this.firstLog = firstLog;
    this.wanted = wanted;
    this.budget = budget;
  }

  /// The transaction's own frame, once it has ended.
  public CallFrame top() {
    return top;
  }

  @Override
  public void step(Step frame, int pc, int opcode, long gas) {
    step = frame;
    this.opcode = opcode;
    this.gas = gas;
    failure = null;
  }

  @Override
  public void stepEnd(long cost, Halt halt) {
    if (halt != Halt.NONE) {
      failure = new StepFailure(step, opcode, gas, cost, halt).text();
    }
  }

  @Override
  public void enter(
      int depth, String kind, Address from, Address to, UInt256 value, byte[] input, long gas) {
    this.depth = depth;
    if (onlyTopCall && depth > 0) {
      return;
    }
    budget.keep(OVERHEAD_BYTES + input.length);
    Open frame = new Open();
    frame.type = kind;
    frame.from = from;
    frame.to = to;
    frame.value = kind.equals("STATICCALL") ? null : value;
    frame.input = input;
    frame.gas = gas;
    open.push(frame);
  }

  @Override
  public void exit(int depth, Halt halt, long gasUsed, byte[] output) {
    String error = halt == Halt.NONE ? null : failure != null ? failure : halt.text();
    failure = null;
    this.depth = depth - 1;
    if (onlyTopCall && depth > 0) {
      return;
    }
    byte[] kept = halt == Halt.NONE || halt == Halt.REVERT ? output : new byte[0];
    budget.keep(kept.length);
    Open o = open.pop();
    CallFrame ended =
        new CallFrame(
            o.type, o.from, o.to, o.value, o.gas, gasUsed, o.input, kept, error, o.calls, o.logs);
    if (depth == 0) {
      top = ended;
    } else if (wanted.test(ended)) {
      Open parent = open.peek();
      if (parent.calls.isEmpty()) {
        parent.calls = new ArrayList<>();
      }
      parent.calls.add(ended);
    }
  }

  @Override
  public void log(Log log, int before) {
    if (!withLog || onlyTopCall && depth > 0) {
      return;
    }
    budget.keep(OVERHEAD_BYTES + log.data().length);
    Open frame = open.peek();
    if (frame.logs.isEmpty()) {
      frame.logs = new ArrayList<>();
    }
    frame.logs.add(new CallLog(log, firstLog + before, frame.calls.size()));
  }
}
