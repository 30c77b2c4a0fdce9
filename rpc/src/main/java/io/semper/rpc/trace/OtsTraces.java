package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.TransactionLocation;
import io.semper.evm.Halt;
import io.semper.evm.trace.CallFrame;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.CallContext;
import io.semper.rpc.Rpc;
import io.semper.rpc.eth.Blocks;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.StreamedJson;
import java.io.IOException;
import java.util.List;

/// What Otterscan asks of a node about one transaction. One nobody knows is `null`.
final class OtsTraces {
  private static final int TRANSFER = 0;
  private static final int SELF_DESTRUCT = 1;
  private static final int CREATE = 2;
  private static final int CREATE2 = 3;

  private final ChainView chain;
  private final Blocks blocks;
  private final BlockTraces traces;

  OtsTraces(ChainView chain, Blocks blocks, BlockTraces traces) {
    this.chain = chain;
    this.blocks = blocks;
    this.traces = traces;
  }

  private BlockTraces.Cursor cursor(TransactionLocation at, CallContext context) {
    Block block = blocks.byHash(at.blockHash()).orElseThrow();
    BlockTraces.Cursor cursor = traces.begin(block, traces.budget(context));
    cursor.skipTo(at.index());
    return cursor;
  }

  private interface CallWriter {
    void write(CallFrame top, JsonGenerator out) throws IOException;
  }

  private StreamedJson calls(Hash32 hash, CallContext context, CallWriter writer) {
    TransactionLocation at = chain.locate(hash).orElse(null);
    if (at == null) {
      return null;
    }
    return traces.streamed(
        context,
        out -> {
          BlockTraces.Cursor cursor = cursor(at, context);
          CallFrame top = cursor.allCalls(cursor.context(cursor.budget(TraceOptions.DEFAULT)));
          out.writeStartArray();
          writer.write(top, out);
          out.writeEndArray();
        });
  }

  /// Ether moved, contracts made and destroyed inside the transaction, but for what failed.
  @Rpc("ots_getInternalOperations")
  StreamedJson getInternalOperations(Hash32 hash, CallContext context) {
    return calls(
        hash,
        context,
        (top, out) -> {
          if (top.error() == null) {
            for (CallFrame call : top.calls()) {
              writeOperations(call, out);
            }
          }
        });
  }

  private static void writeOperations(CallFrame frame, JsonGenerator out) throws IOException {
    if (frame.error() != null) {
      return;
    }
    int type =
        switch (frame.type()) {
          case "CREATE" -> CREATE;
          case "CREATE2" -> CREATE2;
          case "SELFDESTRUCT" -> SELF_DESTRUCT;
          case "CALL" -> frame.value().isZero() ? -1 : TRANSFER;
          default -> -1;
        };
    if (type >= 0) {
      out.writeStartObject();
      out.writeNumberField("type", type);
      Json.field(out, "from", frame.from());
      Json.field(out, "to", frame.to());
      Json.field(out, "value", frame.value());
      out.writeEndObject();
    }
    for (CallFrame call : frame.calls()) {
      writeOperations(call, out);
    }
  }

  @Rpc("ots_traceTransaction")
  StreamedJson traceTransaction(Hash32 hash, CallContext context) {
    return calls(hash, context, (top, out) -> writeTrace(top, 0, out));
  }

  private static void writeTrace(CallFrame frame, int depth, JsonGenerator out) throws IOException {
    boolean pays = !frame.type().equals("DELEGATECALL") && frame.value() != null;
    out.writeStartObject();
    out.writeStringField("type", frame.type());
    out.writeNumberField("depth", depth);
    Json.field(out, "from", frame.from());
    Json.field(out, "to", frame.to());
    Json.field(out, "value", pays ? frame.value() : null);
    Json.field(out, "input", frame.input());
    Json.field(out, "output", frame.output());
    out.writeEndObject();
    for (CallFrame call : frame.calls()) {
      writeTrace(call, depth + 1, out);
    }
  }

  /// What the transaction reverted with; nothing where it did not.
  @Rpc("ots_getTransactionError")
  StreamedJson getTransactionError(Hash32 hash, CallContext context) {
    TransactionLocation at = chain.locate(hash).orElse(null);
    if (at == null) {
      return null;
    }
    return traces.streamed(
        context,
        out -> {
          BlockTraces.Cursor cursor = cursor(at, context);
          TxResult.Executed result =
              cursor.trace(cursor.context(cursor.budget(TraceOptions.DEFAULT)), List.of());
          Json.write(out, result.halt() == Halt.REVERT ? result.output() : new byte[0]);
        });
  }
}
