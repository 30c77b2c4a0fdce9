package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.TransactionLocation;
import io.semper.core.view.StateView;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.FanOutTracer;
import io.semper.evm.trace.TraceBudget;
import io.semper.rpc.CallContext;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.eth.Blocks;
import io.semper.rpc.eth.Calls;
import io.semper.rpc.json.StreamedJson;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.CallRequest;
import io.semper.rpc.trace.TraceCalls.Described;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// Traces in the form Parity invented.
final class ParityTraces {
  private final ChainView chain;
  private final Blocks blocks;
  private final Calls calls;
  private final Replay replay;
  private final BlockTraces traces;

  ParityTraces(ChainView chain, Blocks blocks, Calls calls, Replay replay, BlockTraces traces) {
    this.chain = chain;
    this.blocks = blocks;
    this.calls = calls;
    this.replay = replay;
    this.traces = traces;
  }

  // ---- Calls of blocks as lists

  /// All calls of a block, and what its producer was paid.
  @Rpc("trace_block")
  StreamedJson block(BlockRef block, CallContext context) {
    Block wanted = blocks.find(block).map(blocks::block).orElse(null);
    if (wanted == null) {
      return null;
    }
    return traces.streamed(
        context,
        out -> {
          out.writeStartArray();
          writeCalls(
              wanted, everything(), traces.budget(context), new Window(0, Long.MAX_VALUE), out);
          out.writeEndArray();
        });
  }

  @Rpc("trace_filter")
  StreamedJson filter(TraceFilter filter, CallContext context) {
    long from = number(filter.from(), BlockRef.LATEST);
    long to = number(filter.to(), BlockRef.LATEST);
    int most = traces.limits().maxBlocks();
    if (from > to || to > chain.head().number()) {
      throw RpcException.invalidParams("invalid block range params");
    }
    if (to - from >= most) {
      throw RpcException.limit(
          "exceed maximum block range: " + most, most, "--rpc-max-trace-blocks");
    }
    return traces.streamed(
        context,
        out -> {
          Window window = new Window(filter.after(), filter.count());
          out.writeStartArray();
          for (long number = from; number <= to && !window.isFull(); number++) {
            Header header =
                chain.header(number).orElseThrow(() -> RpcException.server("unknown block"));
            writeCalls(blocks.block(header), filter, traces.budget(context), window, out);
          }
          out.writeEndArray();
        });
  }

  private static TraceFilter everything() {
    return new TraceFilter(null, null, Set.of(), Set.of(), 0, Long.MAX_VALUE);
  }

  private long number(BlockRef bound, BlockRef otherwise) {
    return bound instanceof BlockRef.Number n
        ? n.number()
        : blocks.require(bound == null ? otherwise : bound).header().number();
  }

  /// Counts matches: some are left out first, then some are taken.
  private static final class Window {
    private long toSkip;
    private long toTake;

    Window(long skip, long take) {
      toSkip = skip;
      toTake = take;
    }

    boolean isFull() {
      return toTake == 0;
    }

    boolean take() {
      if (toSkip > 0) {
        toSkip--;
        return false;
      }
      if (toTake == 0) {
        return false;
      }
      toTake--;
      return true;
    }
  }

  private void writeCalls(
      Block block, TraceFilter filter, TraceBudget whole, Window window, JsonGenerator out)
      throws IOException {
    if (block.header().number() == 0) {
      return;
    }
    if (!block.transactions().isEmpty()) {
      BlockTraces.Cursor cursor = traces.begin(block, whole);
      while (cursor.hasNext() && !window.isFull()) {
        TraceContext context = cursor.context(cursor.budget(TraceOptions.DEFAULT));
        for (FlatTraces.Flat flat : FlatTraces.of(cursor.calls(context))) {
          if (filter.matches(flat.frame()) && window.take()) {
            writePlaced(flat, context.place(), out);
          }
        }
      }
    }
    for (Replay.Reward reward : replay.rewards(block)) {
      if (filter.matches(reward) && window.take()) {
        FlatTraces.writeReward(reward, block.header(), out);
      }
    }
  }

  private static void writePlaced(FlatTraces.Flat flat, TraceContext.Place place, JsonGenerator out)
      throws IOException {
    out.writeStartObject();
    FlatTraces.writeParity(flat, out);
    FlatTraces.writePlace(place, out);
    out.writeEndObject();
  }

  /// All calls of a transaction, `null` where nobody knows it.
  @Rpc("trace_transaction")
  StreamedJson transaction(Hash32 hash, CallContext context) {
    TransactionLocation at = chain.locate(hash).orElse(null);
    if (at == null) {
      return null;
    }
    return traces.streamed(
        context,
        out -> {
          out.writeStartArray();
          BlockTraces.Cursor cursor = cursor(at, context);
          TraceContext place = cursor.context(cursor.budget(TraceOptions.DEFAULT));
          for (FlatTraces.Flat flat : FlatTraces.of(cursor.calls(place))) {
            writePlaced(flat, place.place(), out);
          }
          out.writeEndArray();
        });
  }

  /// One call of a transaction by its place in the tree, `null` where there is none.
  @Rpc("trace_get")
  StreamedJson get(Hash32 hash, TraceAddress address, CallContext context) {
    TransactionLocation at = chain.locate(hash).orElse(null);
    if (at == null) {
      return null;
    }
    return traces.streamed(
        context,
        out -> {
          BlockTraces.Cursor cursor = cursor(at, context);
          TraceContext place = cursor.context(cursor.budget(TraceOptions.DEFAULT));
          for (FlatTraces.Flat flat : FlatTraces.of(cursor.calls(place))) {
            if (flat.address().equals(address.path())) {
              writePlaced(flat, place.place(), out);
              return;
            }
          }
          out.writeNull();
        });
  }

  private BlockTraces.Cursor cursor(TransactionLocation at, CallContext context) {
    Block block = blocks.byHash(at.blockHash()).orElseThrow();
    BlockTraces.Cursor cursor = traces.begin(block, traces.budget(context));
    cursor.skipTo(at.index());
    return cursor;
  }

  // ---- Whole transactions: output, calls, state, instructions

  /// A transaction of the chain again, `null` where nobody knows it.
  @Rpc("trace_replayTransaction")
  StreamedJson replayTransaction(Hash32 hash, TraceTypes types, CallContext context) {
    TransactionLocation at = chain.locate(hash).orElse(null);
    return at == null
        ? null
        : traces.streamed(context, out -> writeNext(cursor(at, context), types, out));
  }

  @Rpc("trace_replayBlockTransactions")
  StreamedJson replayBlockTransactions(BlockRef block, TraceTypes types, CallContext context) {
    Block wanted = blocks.find(block).map(blocks::block).orElse(null);
    if (wanted == null) {
      return null;
    }
    return traces.streamed(
        context,
        out -> {
          out.writeStartArray();
          if (!wanted.transactions().isEmpty()) {
            BlockTraces.Cursor cursor = traces.begin(wanted, traces.budget(context));
            while (cursor.hasNext()) {
              writeNext(cursor, types, out);
            }
          }
          out.writeEndArray();
        });
  }

  private static void writeNext(BlockTraces.Cursor cursor, TraceTypes types, JsonGenerator out)
      throws IOException {
    TraceContext where = cursor.context(cursor.budget(TraceOptions.DEFAULT));
    ParityReplay trace = new ParityReplay(types, where);
    trace.write(cursor.trace(where, trace.tracers()), where.place(), out);
  }

  @Rpc("trace_call")
  StreamedJson call(
      CallRequest transaction, TraceTypes types, @Omittable BlockRef block, CallContext context) {
    return callMany(
        new TraceCalls(List.of(new Described(transaction, types))), block, true, context);
  }

  /// Calls one after the other, each on what those before it left.
  @Rpc("trace_callMany")
  StreamedJson callMany(TraceCalls described, @Omittable BlockRef block, CallContext context) {
    return callMany(described, block, false, context);
  }

  /// A signed transaction that is in no block.
  @Rpc("trace_rawTransaction")
  StreamedJson rawTransaction(
      byte[] raw, TraceTypes types, @Omittable BlockRef block, CallContext context) {
    Transaction t = PooledTransaction.decode(raw).transaction();
    CallRequest request =
        new CallRequest(
            t.sender(),
            t.to(),
            t.gasLimit(),
            t.type() < 2 ? t.maxFeePerGas() : null,
            t.type() < 2 ? null : t.maxFeePerGas(),
            t.type() < 2 ? null : t.maxPriorityFeePerGas(),
            t.value(),
            t.nonce(),
            t.data(),
            t.chainId(),
            t.accessList(),
            t.maxFeePerBlobGas(),
            t.type() == 3 ? t.blobVersionedHashes() : null,
            t.type() == 4 ? t.authorizations() : null,
            null);
    return call(request, types, block, context);
  }

  private StreamedJson callMany(
      TraceCalls described, BlockRef block, boolean alone, CallContext context) {
    Blocks.Found at = blocks.require(block);
    StateView base = blocks.state(at);
    return traces.streamed(
        context,
        out -> {
          TraceBudget whole = traces.budget(context);
          Journal journal = new Journal(base);
          if (!alone) out.writeStartArray();
          for (Described each : described.calls()) {
            Calls.Prepared call =
                calls.prepare(each.transaction(), at.header(), base, null, null, context);
            TraceBudget budget = traces.budget(whole, TraceOptions.DEFAULT);
            TraceContext where =
                new TraceContext(
                    null,
                    0,
                    call.message(),
                    journal,
                    call.simulation().env(),
                    call.simulation().rules(),
                    budget);
            ParityReplay trace = new ParityReplay(each.types(), where);
            FanOutTracer tracer = new FanOutTracer(budget, trace.tracers());
            trace.write(
                BlockTraces.executed(call.simulation().call(journal, call.message(), tracer)),
                null,
                out);
          }
          if (!alone) out.writeEndArray();
        });
  }
}
