package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
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
import io.semper.rpc.param.BlockNumber;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.CallRequest;
import java.io.IOException;
import java.util.List;

/// Traces in the forms of go-ethereum's tracers.
final class DebugTraces {
  private final ChainView chain;
  private final Blocks blocks;
  private final Calls calls;
  private final BlockTraces traces;

  DebugTraces(ChainView chain, Blocks blocks, Calls calls, BlockTraces traces) {
    this.chain = chain;
    this.blocks = blocks;
    this.calls = calls;
    this.traces = traces;
  }

  @Rpc("debug_traceTransaction")
  StreamedJson traceTransaction(Hash32 hash, @Omittable TraceOptions options, CallContext context) {
    TraceOptions wanted = checked(options);
    TransactionLocation at =
        chain.locate(hash).orElseThrow(() -> RpcException.server("transaction not found"));
    Block block = traceable(at.blockHash());
    return traces.streamed(
        context,
        out -> traces.writeTransaction(block, at.index(), wanted, traces.budget(context), out));
  }

  @Rpc("debug_traceBlockByNumber")
  StreamedJson traceBlockByNumber(
      BlockNumber number, @Omittable TraceOptions options, CallContext context) {
    return traceBlock(traceable(number.ref()), options, context);
  }

  @Rpc("debug_traceBlockByHash")
  StreamedJson traceBlockByHash(Hash32 hash, @Omittable TraceOptions options, CallContext context) {
    return traceBlock(traceable(hash), options, context);
  }

  /// @param rlp a block on top of a known one, which need not be known itself
  @Rpc("debug_traceBlock")
  StreamedJson traceBlock(byte[] rlp, @Omittable TraceOptions options, CallContext context) {
    Block block;
    try {
      block = Block.decode(rlp);
    } catch (MalformedInputException bad) {
      throw RpcException.server("could not decode block: " + bad.getMessage());
    }
    return traceBlock(traceable(block), options, context);
  }

  private StreamedJson traceBlock(Block block, TraceOptions options, CallContext context) {
    TraceOptions wanted = checked(options);
    return traces.streamed(
        context, out -> traces.writeBlock(block, wanted, traces.budget(context), out));
  }

  @Rpc("debug_traceCall")
  StreamedJson traceCall(
      CallRequest transaction,
      @Omittable BlockRef block,
      @Omittable TraceOptions options,
      CallContext context) {
    TraceOptions wanted = checked(options);
    if (block == BlockRef.Tag.PENDING) {
      throw onPending();
    }
    Header header = blocks.find(block).orElseThrow(() -> notFound(block)).header();
    return traces.streamed(context, out -> writeCall(transaction, header, wanted, context, out));
  }

  private void writeCall(
      CallRequest transaction,
      Header header,
      TraceOptions options,
      CallContext context,
      JsonGenerator out)
      throws IOException {
    TraceBudget whole = traces.budget(context);
    Start start = start(header, options.txIndex(), whole);
    Calls.Prepared call =
        calls.prepare(
            transaction,
            header,
            start.state(),
            options.stateOverrides(),
            options.blockOverrides(),
            context);
    Journal journal = new Journal(call.state());
    TraceBudget budget = traces.budget(whole, options);
    TraceContext where =
        new TraceContext(
            null,
            start.logs(),
            call.message(),
            journal,
            call.simulation().env(),
            call.simulation().rules(),
            budget);
    TransactionTrace trace = Tracers.of(options, where, out);
    FanOutTracer tracer = new FanOutTracer(budget, List.of(trace.tracer()));
    traces.writeTrace(
        trace,
        null,
        out,
        () -> BlockTraces.executed(call.simulation().call(journal, call.message(), tracer)));
  }

  /// What a call runs on.
  ///
  /// @param logs of the block before it
  private record Start(StateView state, long logs) {}

  /// The state after a block, or before one of its transactions.
  private Start start(Header header, Long txIndex, TraceBudget whole) {
    if (txIndex == null) {
      return new Start(chain.stateAfter(header), 0);
    }
    Block block = traceable(blocks.block(header));
    if (txIndex >= block.transactions().size()) {
      throw RpcException.server(
          "transaction index " + txIndex + " out of range for block " + header.hash());
    }
    StateView parent = chain.stateAfter(chain.header(header.parentHash()).orElseThrow());
    BlockTraces.Cursor cursor = traces.begin(block, whole);
    cursor.skipTo(txIndex.intValue());
    return new Start(new JournalState(cursor.execution.state(), parent), cursor.logs());
  }

  private static TraceOptions checked(TraceOptions options) {
    TraceOptions wanted = options == null ? TraceOptions.DEFAULT : options;
    Tracers.check(wanted);
    return wanted;
  }

  private Block traceable(BlockRef ref) {
    if (ref == BlockRef.Tag.PENDING) {
      throw onPending();
    }
    return traceable(blocks.block(blocks.find(ref).orElseThrow(() -> notFound(ref))));
  }

  private Block traceable(Hash32 hash) {
    return traceable(
        blocks.byHash(hash).orElseThrow(() -> RpcException.server("block " + hash + " not found")));
  }

  private Block traceable(Block block) {
    if (block.header().number() == 0) {
      throw RpcException.server("genesis is not traceable");
    }
    if (chain.header(block.header().parentHash()).isEmpty()) {
      throw RpcException.server("block " + block.header().parentHash() + " not found");
    }
    return block;
  }

  private static RpcException onPending() {
    return RpcException.server("tracing on top of pending is not supported");
  }

  private static RpcException notFound(BlockRef ref) {
    return RpcException.server(
        switch (ref) {
          case BlockRef.Number n -> "block #" + n.number() + " not found";
          case BlockRef.Hash h -> "block " + h.hash() + " not found";
          case BlockRef.Tag tag -> "block " + tag + " not found";
        });
  }
}
