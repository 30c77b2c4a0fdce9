package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.evm.machine.OpTable;
import io.semper.evm.trace.CallTracer;
import io.semper.evm.trace.PrestateTracer;
import io.semper.evm.trace.PrestateTracer.AccountState;
import io.semper.evm.trace.Tracer;
import io.semper.evm.trace.VmTracer;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// One transaction in the form of `trace_replayTransaction`: output, calls, changes of state, and
/// instructions, as far as they are wanted.
final class ParityReplay {
  private final CallTracer calls;
  private final PrestateTracer state;
  private final VmTracer machine;

  ParityReplay(TraceTypes types, TraceContext context) {
    calls =
        types.trace()
            ? new CallTracer(
                false,
                false,
                0,
                Tracers.withoutPrecompiles(context.rules().fork()),
                context.budget())
            : null;
    state =
        types.stateDiff()
            ? new PrestateTracer(
                context.state(),
                context.env(),
                context.rules(),
                context.message(),
                context.budget())
            : null;
    machine =
        types.vmTrace() ? new VmTracer(context.state(), context.rules(), context.budget()) : null;
  }

  List<Tracer> tracers() {
    List<Tracer> tracers = new ArrayList<>();
    if (calls != null) tracers.add(calls);
    if (state != null) tracers.add(state);
    if (machine != null) tracers.add(machine);
    return tracers;
  }

  /// @param place `null` for a call outside of any block
  void write(TxResult.Executed result, TraceContext.Place place, JsonGenerator out)
      throws IOException {
    out.writeStartObject();
    Json.field(out, "output", result.output());
    out.writeFieldName("stateDiff");
    if (state == null) {
      out.writeNull();
    } else {
      writeStateDiff(out);
    }
    out.writeArrayFieldStart("trace");
    if (calls != null) {
      for (FlatTraces.Flat flat : FlatTraces.of(calls.top())) {
        out.writeStartObject();
        FlatTraces.writeParity(flat, out);
        out.writeEndObject();
      }
    }
    out.writeEndArray();
    if (place != null) {
      Json.field(out, "transactionHash", place.transactionHash());
    }
    out.writeFieldName("vmTrace");
    if (machine == null) {
      out.writeNull();
    } else {
      writeVmTrace(machine.top(), out);
    }
    out.writeEndObject();
  }

  // ---- stateDiff

  private void writeStateDiff(JsonGenerator out) throws IOException {
    out.writeStartObject();
    for (Map.Entry<Address, AccountState> each : state.pre().entrySet()) {
      AccountState before = each.getValue();
      AccountState after = state.now(each.getKey());
      if (!PrestateTracer.same(before, after)) {
        out.writeObjectFieldStart(each.getKey().toString());
        writeChange(out, "balance", before, after, AccountState::balance);
        writeChange(out, "code", before, after, AccountState::code);
        writeChange(out, "nonce", before, after, AccountState::nonce);
        writeSlots(out, before, after);
        out.writeEndObject();
      }
    }
    out.writeEndObject();
  }

  private static void writeChange(
      JsonGenerator out,
      String field,
      AccountState before,
      AccountState after,
      Function<AccountState, Object> value)
      throws IOException {
    Object from = before.exists() ? value.apply(before) : null;
    Object to = after.exists() ? value.apply(after) : null;
    out.writeFieldName(field);
    writeChange(out, from, to);
  }

  private static void writeChange(JsonGenerator out, Object from, Object to) throws IOException {
    if (Arrays.deepEquals(new Object[] {from}, new Object[] {to})) {
      out.writeString("=");
      return;
    }
    out.writeStartObject();
    if (from == null) {
      Json.field(out, "+", to);
    } else if (to == null) {
      Json.field(out, "-", from);
    } else {
      out.writeObjectFieldStart("*");
      Json.field(out, "from", from);
      Json.field(out, "to", to);
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  private static void writeSlots(JsonGenerator out, AccountState before, AccountState after)
      throws IOException {
    out.writeObjectFieldStart("storage");
    for (Map.Entry<UInt256, UInt256> slot : before.storage().entrySet()) {
      UInt256 now = after.storage().get(slot.getKey());
      if (!now.equals(slot.getValue())) {
        out.writeFieldName(slot.getKey().toHash32().toString());
        writeChange(
            out,
            before.exists() ? slot.getValue().toHash32() : null,
            after.exists() ? now.toHash32() : null);
      }
    }
    out.writeEndObject();
  }

  // ---- vmTrace

  private static void writeVmTrace(VmTracer.VmTrace trace, JsonGenerator out) throws IOException {
    out.writeStartObject();
    Json.field(out, "code", trace.code());
    out.writeArrayFieldStart("ops");
    for (VmTracer.Op op : trace.ops()) {
      out.writeStartObject();
      out.writeNumberField("cost", op.cost());
      out.writeFieldName("ex");
      if (op.failed()) {
        out.writeNull();
      } else {
        writeEffect(op, out);
      }
      out.writeStringField("op", OpTable.name(op.code()));
      out.writeNumberField("pc", op.pc());
      out.writeFieldName("sub");
      if (op.sub() == null) {
        out.writeNull();
      } else {
        writeVmTrace(op.sub(), out);
      }
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void writeEffect(VmTracer.Op op, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeFieldName("mem");
    if (op.memory() == null) {
      out.writeNull();
    } else {
      out.writeStartObject();
      Json.field(out, "data", op.memory());
      out.writeNumberField("off", op.memoryOffset());
      out.writeEndObject();
    }
    Json.field(out, "push", op.pushed());
    out.writeFieldName("store");
    if (op.key() == null) {
      out.writeNull();
    } else {
      out.writeStartObject();
      Json.field(out, "key", op.key());
      Json.field(out, "val", op.value());
      out.writeEndObject();
    }
    out.writeNumberField("used", op.gasAfter());
    out.writeEndObject();
  }
}
