package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.evm.trace.TraceBudget;
import io.semper.evm.trace.TraceLimitException;
import io.semper.rpc.CallContext;
import io.semper.rpc.Omittable;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import io.semper.rpc.Subscriber;
import io.semper.rpc.eth.Blocks;
import io.semper.rpc.json.Json;
import io.semper.rpc.param.BlockNumber;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Traces of block after block for a subscriber, as fast as he reads them.
final class ChainTraces {
  private static final Logger LOG = LoggerFactory.getLogger(ChainTraces.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final int PIECE_BYTES = 64 << 10;

  /// Time for all of a block.
  private static final long BLOCK_SECONDS = 300;

  /// Each level of nested calls is two levels of JSON; calls nest 1,024 deep.
  private static final int MAX_NESTING = 4096;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(MAX_NESTING).build())
          .build();

  private final ChainView chain;
  private final Blocks blocks;
  private final BlockTraces traces;
  private final LongSupplier nanoTime;
  private final Semaphore running;

  ChainTraces(ChainView chain, Blocks blocks, BlockTraces traces, LongSupplier nanoTime) {
    this.chain = chain;
    this.blocks = blocks;
    this.traces = traces;
    this.nanoTime = nanoTime;
    running = new Semaphore(traces.limits().maxChainTraces());
  }

  /// As go-ethereum serves it: `debug_subscribe("traceChain", start, end, options)`.
  @Rpc("debug_subscribe")
  String subscribe(
      String kind,
      BlockNumber start,
      BlockNumber end,
      @Omittable TraceOptions options,
      CallContext context) {
    if (!kind.equals("traceChain")) {
      throw new RpcException(
          RpcException.METHOD_NOT_FOUND, "no such subscription in debug namespace");
    }
    return traceChain(start, end, options, context);
  }

  @Rpc("debug_unsubscribe")
  boolean unsubscribe(String id, CallContext context) {
    if (!subscriber(context).endSubscription(id)) {
      throw RpcException.server("subscription not found");
    }
    return true;
  }

  /// Blocks after `start` up to and with `end`, each as a notification; those without transactions
  /// are left out, but for the last.
  @Rpc("debug_traceChain")
  String traceChain(
      BlockNumber start, BlockNumber end, @Omittable TraceOptions options, CallContext context) {
    Subscriber to = subscriber(context);
    TraceOptions wanted = options == null ? TraceOptions.DEFAULT : options;
    Tracers.check(wanted);
    long from = blocks.require(start.ref()).header().number();
    long last = blocks.require(end.ref()).header().number();
    if (from >= last) {
      throw RpcException.server(
          "end block (#" + last + ") needs to come after start block (#" + from + ")");
    }
    int most = traces.limits().maxBlocks();
    if (last - from > most) {
      throw RpcException.limit(
          "exceed maximum block range: " + most, most, "--rpc-max-trace-blocks");
    }
    if (!running.tryAcquire()) {
      int chains = traces.limits().maxChainTraces();
      throw RpcException.limit("too many chains are being traced", chains, "none");
    }
    byte[] random = new byte[16];
    RANDOM.nextBytes(random);
    random[0] |= (byte) 0x80; // Without leading zeros, as a quantity.
    String id = Hex.encode(random);
    AtomicBoolean ended = new AtomicBoolean();
    try {
      to.addSubscription(id, () -> ended.set(true));
    } catch (RpcException full) {
      running.release();
      throw full;
    }
    to.afterReply(() ->
        Thread.ofVirtual()
            .name("rpc-trace-chain")
            .start(() -> {
              try {
                trace(from + 1, last, wanted, id, to, ended);
              } finally {
                running.release();
              }
            }));
    return id;
  }

  private static Subscriber subscriber(CallContext context) {
    return context
        .subscriber()
        .orElseThrow(() ->
            new RpcException(
                RpcException.METHOD_NOT_FOUND,
                "notifications not supported: subscribe over WebSocket"));
  }

  private void trace(
      long from, long last, TraceOptions options, String id, Subscriber to, AtomicBoolean ended) {
    try {
      for (long number = from; number <= last && !ended.get(); number++) {
        Header header = chain.header(number).orElseThrow();
        Block block = blocks.block(header);
        if (!block.transactions().isEmpty() || number == last) {
          notify(block, options, id, to);
        }
      }
    } catch (IOException gone) {
      LOG.debug("nobody reads the traces of {} any more", id);
    } catch (RuntimeException bug) {
      LOG.error("traces of a chain ended early", bug);
    }
  }

  private void notify(Block block, TraceOptions options, String id, Subscriber to)
      throws IOException {
    try (OutputStream message = new BufferedOutputStream(to.stream(), PIECE_BYTES);
        JsonGenerator out = JSON.createGenerator(message)) {
      out.writeStartObject();
      out.writeStringField("jsonrpc", "2.0");
      out.writeStringField("method", "debug_subscription");
      out.writeObjectFieldStart("params");
      out.writeStringField("subscription", id);
      out.writeObjectFieldStart("result");
      Json.field(out, "block", block.header().number());
      Json.field(out, "hash", block.header().hash());
      out.writeArrayFieldStart("traces");
      writeTraces(block, options, out);
      out.writeEndArray();
      out.writeEndObject();
      out.writeEndObject();
      out.writeEndObject();
    }
  }

  /// A transaction whose trace fails ends the block, with the reason in place of what is missing.
  private void writeTraces(Block block, TraceOptions options, JsonGenerator out)
      throws IOException {
    if (block.transactions().isEmpty()) {
      return;
    }
    TraceBudget whole =
        new TraceBudget(
            traces.limits().maxKeptBytes(),
            nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(BLOCK_SECONDS),
            nanoTime);
    BlockTraces.Cursor cursor;
    try {
      cursor = traces.begin(block, whole);
    } catch (HistoryUnavailableException gone) {
      writeFailure(block.transactions().getFirst().hash(), gone.getMessage(), out);
      return;
    }
    while (cursor.hasNext()) {
      out.writeStartObject();
      JsonStreamContext place = out.getOutputContext();
      Json.field(out, "txHash", cursor.next().hash());
      String failure = null;
      try {
        cursor.write(options, "result", out);
      } catch (TraceLimitException | RpcException problem) {
        failure = problem.getMessage();
      } catch (UncheckedIOException gone) {
        throw gone.getCause();
      }
      Json.endUnfinished(out, place);
      Json.fieldIfSet(out, "error", failure);
      out.writeEndObject();
      if (failure != null) {
        return;
      }
    }
  }

  private static void writeFailure(Hash32 transaction, String failure, JsonGenerator out)
      throws IOException {
    out.writeStartObject();
    Json.field(out, "txHash", transaction);
    Json.field(out, "error", failure);
    out.writeEndObject();
  }
}
