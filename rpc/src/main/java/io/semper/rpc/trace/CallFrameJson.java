package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.evm.trace.CallFrame;
import io.semper.evm.trace.CallFrame.CallLog;
import io.semper.rpc.eth.RevertReason;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.JsonValue;
import java.io.IOException;

/// A call with all calls it made inside it, as `callTracer` answers.
///
/// @param undone whether a frame around it failed, which takes its logs back
record CallFrameJson(CallFrame frame, boolean undone) implements JsonValue {
  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    boolean failed = frame.error() != null;
    out.writeStartObject();
    Json.field(out, "from", frame.from());
    Json.field(out, "gas", frame.gas());
    Json.field(out, "gasUsed", frame.gasUsed());
    if (!failed || !frame.creates()) {
      Json.field(out, "to", frame.to());
    }
    Json.field(out, "input", frame.input());
    if (frame.output().length > 0) {
      Json.field(out, "output", frame.output());
    }
    if (failed) {
      out.writeStringField("error", frame.error());
      String reason = RevertReason.of(frame.output());
      if (reason != null && !reason.isEmpty()) {
        out.writeStringField("revertReason", reason);
      }
    }
    if (!frame.calls().isEmpty()) {
      out.writeArrayFieldStart("calls");
      for (CallFrame call : frame.calls()) {
        new CallFrameJson(call, undone || failed).writeTo(out);
      }
      out.writeEndArray();
    }
    if (!frame.logs().isEmpty() && !undone && !failed) {
      writeLogs(out);
    }
    Json.fieldIfSet(out, "value", frame.value());
    out.writeStringField("type", frame.type());
    out.writeEndObject();
  }

  private void writeLogs(JsonGenerator out) throws IOException {
    out.writeArrayFieldStart("logs");
    for (CallLog each : frame.logs()) {
      out.writeStartObject();
      Json.field(out, "address", each.log().address());
      Json.field(out, "topics", each.log().topics());
      Json.field(out, "data", each.log().data());
      Json.field(out, "index", each.index());
      Json.field(out, "position", (long) each.position());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
