package io.semper.evm.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.evm.Halt;
import io.semper.evm.state.Journal;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// Writes one JSON object for each instruction, separated by commas: go-ethereum's struct logs in
/// their legacy form. Nothing but the storage seen so far is kept, so that a trace may be larger
/// than memory.
public final class StructLogTracer implements Tracer {
  private static final int SLOAD = 0x54;
  private static final int SSTORE = 0x55;
  private static final int WORD = 32;

  /// Roughly what a remembered slot takes.
  private static final int SLOT_BYTES = 250;

  private final Options options;
  private final Journal state;
  private final TraceBudget budget;
  private final OutputStream out;

  private final Map<Address, TreeMap<UInt256, UInt256>> storage = new HashMap<>();
  private final AsciiBuffer entry = new AsciiBuffer();
  private final AsciiBuffer body = new AsciiBuffer();
  private boolean first = true;
  private long written;

  // The instruction last begun.
  private Step frame;
  private int pc;
  private int opcode;
  private long gas;
  private boolean open;

  /// @param limit bytes of entries after which no more are written, 0 for any number
  public record Options(
      boolean enableMemory,
      boolean disableStack,
      boolean disableStorage,
      boolean enableReturnData,
      long limit) {
    public static final Options DEFAULT = new Options(false, false, false, false, 0);
  }

  /// @param state what the execution runs on
  /// @param out is written to, never flushed or closed; where it fails, the execution ends with
  ///   [UncheckedIOException]
  public StructLogTracer(Options options, Journal state, TraceBudget budget, OutputStream out) {
    this.options = options;
    this.state = state;
    this.budget = budget;
    this.out = out;
  }

  @Override
  public void step(Step frame, int pc, int opcode, long gas) {
    if (options.limit != 0 && written > options.limit) {
      return;
    }
    this.frame = frame;
    this.pc = pc;
    this.opcode = opcode;
    this.gas = gas;
    open = true;
    describe();
  }

  /// What stands between the error and the refund, as it is before the instruction runs.
  private void describe() {
    body.clear();
    int stackSize = frame.stackSize();
    if (!options.disableStack) {
      body.text(",\"stack\":[");
      for (int i = 0; i < stackSize; i++) {
        body.text(i == 0 ? "\"" : ",\"");
        body.quantity(frame.stackWord(i));
        body.text("\"");
      }
      body.text("]");
    }
    if (options.enableReturnData) {
      byte[] data = frame.returnData();
      if (data.length > 0) {
        body.text(",\"returnData\":\"");
        body.hex(data, 0, data.length);
        body.text("\"");
      }
    }
    if (options.enableMemory && frame.memorySize() > 0) {
      byte[] memory = frame.memory();
      body.text(",\"memory\":[");
      for (int at = 0; at < memory.length; at += WORD) {
        body.text(at == 0 ? "\"" : ",\"");
        body.hex(memory, at, WORD);
        body.text("\"");
      }
      body.text("]");
    }
    if (!options.disableStorage
        && (opcode == SLOAD && stackSize >= 1 || opcode == SSTORE && stackSize >= 2)) {
      describeStorage(stackSize);
    }
  }

  private void describeStorage(int stackSize) {
    UInt256 key = frame.stackWord(stackSize - 1);
    UInt256 value =
        opcode == SLOAD ? state.storage(frame.self(), key) : frame.stackWord(stackSize - 2);
    TreeMap<UInt256, UInt256> seen =
        storage.computeIfAbsent(frame.self(), address -> new TreeMap<>());
    if (seen.put(key, value) == null) {
      budget.keep(SLOT_BYTES);
    }
    body.text(",\"storage\":{");
    boolean comma = false;
    for (Map.Entry<UInt256, UInt256> slot : seen.entrySet()) {
      body.text(comma ? ",\"" : "\"");
      body.word(slot.getKey());
      body.text("\":\"");
      body.word(slot.getValue());
      body.text("\"");
      comma = true;
    }
    body.text("}");
  }

  @Override
  public void stepEnd(long cost, Halt halt) {
    if (!open) {
      return;
    }
    open = false;
    String error = null;
    if (halt != Halt.NONE) {
      StepFailure failure = new StepFailure(frame, opcode, gas, cost, halt);
      cost = failure.cost();
      error = failure.whileRunning() ? null : failure.text();
    }
    entry.clear();
    entry.text("{\"pc\":");
    entry.decimal(pc);
    entry.text(",\"op\":\"");
    entry.text(StepFailure.name(opcode));
    entry.text("\",\"gas\":");
    entry.decimal(gas);
    entry.text(",\"gasCost\":");
    entry.decimal(cost);
    entry.text(",\"depth\":");
    entry.decimal(frame.depth());
    if (error != null) {
      entry.text(",\"error\":\"");
      entry.text(error);
      entry.text("\"");
    }
    entry.text(body);
    long refund = frame.refund();
    if (refund != 0) {
      entry.text(",\"refund\":");
      entry.decimal(refund);
    }
    entry.text("}");
    write();
  }

  private void write() {
    try {
      if (!first) {
        out.write(',');
      }
      first = false;
      entry.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    written += entry.size();
  }
}
