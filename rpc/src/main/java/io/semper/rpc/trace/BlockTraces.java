package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.types.Block;
import io.semper.core.types.Transaction;
import io.semper.evm.Halt;
import io.semper.evm.trace.CallFrame;
import io.semper.evm.trace.CallTracer;
import io.semper.evm.trace.FanOutTracer;
import io.semper.evm.trace.TraceBudget;
import io.semper.evm.trace.TraceLimitException;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.Message;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.CallContext;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.StreamedJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Executes blocks again with a tracer on one or all of their transactions, within the limits.
final class BlockTraces {
  private final Replay replay;
  private final TraceLimits limits;
  private final LongSupplier nanoTime;
  private final Semaphore running;

  BlockTraces(Replay replay, TraceLimits limits, LongSupplier nanoTime) {
    this.replay = replay;
    this.limits = limits;
    running = new Semaphore(limits.maxConcurrent(), true);
    this.nanoTime = nanoTime;
  }

  TraceLimits limits() {
    return limits;
  }

  /// What a request may take in all.
  TraceBudget budget(CallContext context) {
    return new TraceBudget(limits.maxKeptBytes(), context.deadlineNanos(), nanoTime);
  }

  /// What one of its transactions may take.
  TraceBudget budget(TraceBudget whole, TraceOptions options) {
    long millis =
        options.timeoutMillis() == null ? limits.transactionMillis() : options.timeoutMillis();
    return whole.until(nanoTime.getAsLong() + Math.min(millis, Integer.MAX_VALUE) * 1_000_000L);
  }

  /// A block being executed, standing before one of its transactions.
  final class Cursor {
    final Block block;
    final Replay.Execution execution;
    private final TraceBudget whole;
    private int index;
    private long logs;

    private Cursor(Block block, TraceBudget whole) {
      this.block = block;
      this.whole = whole;
      execution = replay.begin(block);
    }

    boolean hasNext() {
      return index < block.transactions().size();
    }

    /// Logs of the block before the next transaction.
    long logs() {
      return logs;
    }

    Transaction next() {
      return block.transactions().get(index);
    }

    /// Goes to a transaction without looking at those before.
    void skipTo(int target) {
      while (index < target) {
        whole.checkTime();
        count(execute(execution, next(), null));
      }
    }

    /// The next transaction and where it stands.
    TraceContext context(TraceBudget budget) {
      Transaction transaction = next();
      TraceContext.Place place =
          new TraceContext.Place(
              block.header().hash(), block.header().number(), transaction.hash(), index);
      return new TraceContext(
          place,
          logs,
          Message.of(transaction, transaction.sender()),
          execution.state(),
          execution.env(),
          execution.rules(),
          budget);
    }

    /// Executes the next transaction before the eyes of a tracer.
    TxResult.Executed trace(TraceContext context, List<Tracer> tracers) {
      TxResult.Executed result =
          execute(execution, next(), new FanOutTracer(context.budget(), tracers));
      count(result);
      return result;
    }

    private void count(TxResult.Executed result) {
      logs += result.logs().size();
      index++;
    }

    /// What the next transaction may take.
    TraceBudget budget(TraceOptions options) {
      return BlockTraces.this.budget(whole, options);
    }

    /// The calls of the next transaction, without those to precompiled contracts.
    CallFrame calls(TraceContext context) {
      return calls(context, Tracers.withoutPrecompiles(context.rules().fork()));
    }

    CallFrame allCalls(TraceContext context) {
      return calls(context, frame -> true);
    }

    private CallFrame calls(TraceContext context, Predicate<CallFrame> wanted) {
      CallTracer tracer = new CallTracer(false, false, 0, wanted, context.budget());
      trace(context, List.of(tracer));
      return tracer.top();
    }

    /// Traces the next transaction as the value of a field.
    void write(TraceOptions options, String field, JsonGenerator out) throws IOException {
      TraceContext context = context(budget(options));
      TransactionTrace trace = Tracers.of(options, context, out);
      writeTrace(trace, field, out, () -> trace(context, List.of(trace.tracer())));
    }
  }

  /// Produces what is to be written; not before the beginning of a streamed trace has been.
  interface Run {
    TxResult.Executed execute();
  }

  /// @param field the name of the value, `null` where it has none
  void writeTrace(TransactionTrace trace, String field, JsonGenerator out, Run run)
      throws IOException {
    if (trace.streams()) {
      writeName(field, out);
      trace.begin();
    }
    TxResult.Executed result = run.execute();
    if (!trace.streams()) {
      writeName(field, out);
    }
    trace.end(result, out);
  }

  private static void writeName(String field, JsonGenerator out) throws IOException {
    if (field != null) {
      out.writeFieldName(field);
    }
  }

  /// What writes a trace when its turn comes.
  interface Writer {
    void writeTo(JsonGenerator out) throws IOException;
  }

  /// What answers in one piece.
  interface Search<T> {
    T run();
  }

  /// Runs a search by tracing, when its turn comes.
  <T> T search(CallContext context, Search<T> search) {
    await(context);
    try {
      return search.run();
    } catch (TraceLimitException over) {
      throw refusal(over);
    } finally {
      running.release();
    }
  }

  /// Each may keep much in memory, so that only some run at once.
  private void await(CallContext context) {
    try {
      if (running.tryAcquire(context.remainingMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
    throw RpcException.limit(
        "too many traces in work", limits.maxConcurrent(), "--rpc-max-concurrent-traces");
  }

  /// A reply made while it is written; where a limit is passed it ends with the protocol's error.
  StreamedJson streamed(CallContext context, Writer writer) {
    return new StreamedJson() {
      @Override
      public long maxBytes() {
        return limits.maxStreamedBytes();
      }

      @Override
      public void writeTo(JsonGenerator out) throws IOException {
        await(context);
        try {
          writer.writeTo(out);
        } catch (TraceLimitException over) {
          throw refusal(over);
        } catch (UncheckedIOException e) {
          throw e.getCause();
        } finally {
          running.release();
        }
      }
    };
  }

  private RpcException refusal(TraceLimitException over) {
    return over.isTime()
        ? RpcException.server(over.getMessage())
        : RpcException.limit(over.getMessage(), limits.maxKeptBytes(), "--rpc-max-trace-bytes");
  }

  Cursor begin(Block block, TraceBudget whole) {
    return new Cursor(block, whole);
  }

  private static TxResult.Executed execute(
      Replay.Execution execution, Transaction transaction, Tracer tracer) {
    return executed(execution.execute(transaction, tracer));
  }

  static TxResult.Executed executed(TxResult result) {
    return switch (result) {
      case TxResult.Executed executed when executed.halt() == Halt.TIMEOUT ->
          throw RpcException.server("execution timeout");
      case TxResult.Executed executed -> executed;
      case TxResult.Invalid invalid ->
          throw RpcException.server("tracing failed: " + invalid.reason());
    };
  }

  void writeTransaction(
      Block block, int index, TraceOptions options, TraceBudget whole, JsonGenerator out)
      throws IOException {
    Cursor cursor = begin(block, whole);
    cursor.skipTo(index);
    cursor.write(options, null, out);
  }

  /// An array with one object for each transaction.
  void writeBlock(Block block, TraceOptions options, TraceBudget whole, JsonGenerator out)
      throws IOException {
    Cursor cursor = begin(block, whole);
    out.writeStartArray();
    while (cursor.hasNext()) {
      out.writeStartObject();
      Json.field(out, "txHash", cursor.next().hash());
      cursor.write(options, "result", out);
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
