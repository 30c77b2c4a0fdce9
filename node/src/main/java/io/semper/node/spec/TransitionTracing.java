package io.semper.node.spec;

import io.semper.chain.block.BlockExecution;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Log;
import io.semper.core.types.Transaction;
import io.semper.evm.Halt;
import io.semper.evm.machine.OpTable;
import io.semper.evm.trace.Eip3155Tracer;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.TxResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// A file of EIP-3155 lines for each transaction, and how often each instruction ran.
final class TransitionTracing implements TransitionRun.Tracing {
  private final Path folder;
  private final Lines lines;
  private final boolean counting;
  private final long[] counts = new long[256];
  private int index;

  /// What a line shows besides.
  record Lines(boolean memory, boolean stack, boolean returnData) {}

  /// @param lines `null` for no files
  TransitionTracing(Path folder, Lines lines, boolean counting) {
    this.folder = folder;
    this.lines = lines;
    this.counting = counting;
  }

  @Override
  public TxResult execute(BlockExecution execution, Transaction transaction) {
    if (lines == null) {
      return counting
          ? execution.execute(transaction, new Counter(null))
          : execution.execute(transaction);
    }
    Path file = folder.resolve("trace-" + index++ + "-" + transaction.hash() + ".jsonl");
    try (Writer out = Files.newBufferedWriter(file)) {
      Tracer tracer = new Eip3155Tracer(out, lines.memory(), lines.stack(), lines.returnData());
      return execution.execute(transaction, counting ? new Counter(tracer) : tracer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Tracer ofBlock() {
    return counting ? new Counter(null) : null;
  }

  /// By mnemonic.
  Map<String, Object> counts() {
    Map<String, Object> named = new TreeMap<>();
    for (int opcode = 0; opcode < counts.length; opcode++) {
      if (counts[opcode] > 0) {
        named.put(OpTable.name(opcode), counts[opcode]);
      }
    }
    return named;
  }

  /// Counts, and shows everything to another tracer, which may be `null`.
  private final class Counter implements Tracer {
    private final Tracer inner;

    Counter(Tracer inner) {
      this.inner = inner;
    }

    @Override
    public void step(Step frame, int pc, int opcode, long gas) {
      counts[opcode]++;
      if (inner != null) {
        inner.step(frame, pc, opcode, gas);
      }
    }

    @Override
    public void stepEnd(long cost, Halt halt) {
      if (inner != null) {
        inner.stepEnd(cost, halt);
      }
    }

    @Override
    public void enter(
        int depth, String kind, Address from, Address to, UInt256 value, byte[] input, long gas) {
      if (inner != null) {
        inner.enter(depth, kind, from, to, value, input, gas);
      }
    }

    @Override
    public void exit(int depth, Halt halt, long gasUsed, byte[] output) {
      if (inner != null) {
        inner.exit(depth, halt, gasUsed, output);
      }
    }

    @Override
    public void log(Log log, int before) {
      if (inner != null) {
        inner.log(log, before);
      }
    }
  }
}
