package io.semper.node.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.chain.block.BlockExecution;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Log;
import io.semper.core.types.Transaction;
import io.semper.evm.Halt;
import io.semper.evm.machine.OpTable;
import io.semper.evm.trace.Eip3155Tracer;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.trace.NamedTrace;
import io.semper.rpc.trace.TraceOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// A file for each transaction, of EIP-3155 lines or of what a named tracer says, and how often
/// each instruction ran.
final class TransitionTracing implements TransitionRun.Tracing {
  private static final JsonFactory JSON = new JsonFactory();

  private final Path folder;
  private final Form form;
  private final boolean counting;
  private final long[] counts = new long[256];
  private int index;

  /// Of the transactions before, where they are looked at by a named tracer.
  private long logs;

  /// What the files hold.
  sealed interface Form {}

  /// @param memory and what follows: what a line shows besides
  /// @param frames lines for calls that begin
  record Lines(boolean memory, boolean stack, boolean returnData, boolean frames) implements Form {}

  /// @param options made by [NamedTrace#options]
  record Named(TraceOptions options) implements Form {}

  /// @param form `null` for no files
  TransitionTracing(Path folder, Form form, boolean counting) {
    this.folder = folder;
    this.form = form;
    this.counting = counting;
  }

  @Override
  public TxResult execute(BlockExecution execution, Transaction transaction) {
    try {
      return switch (form) {
        case Lines lines -> writeLines(lines, execution, transaction);
        case Named named -> writeResult(named, execution, transaction);
        case null ->
            counting
                ? execution.execute(transaction, new Counter(null))
                : execution.execute(transaction);
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TxResult writeLines(Lines lines, BlockExecution execution, Transaction transaction)
      throws IOException {
    try (Writer out = Files.newBufferedWriter(file(transaction, "jsonl"))) {
      Tracer tracer =
          new Eip3155Tracer(out, lines.memory(), lines.stack(), lines.returnData(), lines.frames());
      return execution.execute(transaction, counted(tracer));
    }
  }

  /// A transaction that is refused leaves an empty file.
  private TxResult writeResult(Named named, BlockExecution execution, Transaction transaction)
      throws IOException {
    try (Writer out = Files.newBufferedWriter(file(transaction, "json"))) {
      NamedTrace trace =
          new NamedTrace(
              named.options(),
              logs,
              Message.of(transaction, transaction.sender()),
              execution.state(),
              execution.env(),
              execution.rules());
      TxResult result = execution.execute(transaction, counted(trace.tracer()));
      if (result instanceof TxResult.Executed executed) {
        try (JsonGenerator json = JSON.createGenerator(out)) {
          json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
          trace.writeTo(json, executed);
        }
        out.write('\n');
        logs += executed.logs().size();
      }
      return result;
    }
  }

  private Path file(Transaction transaction, String suffix) {
    return folder.resolve("trace-" + index++ + "-" + transaction.hash() + "." + suffix);
  }

  private Tracer counted(Tracer tracer) {
    return counting ? new Counter(tracer) : tracer;
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
