package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.evm.Halt;
import io.semper.evm.trace.StructLogTracer;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.json.Json;
import java.io.IOException;
import java.io.OutputStream;

/// Struct logs, written straight to where the reply goes. What is known only in the end stands
/// behind them.
final class StructLogs implements TransactionTrace {
  private final JsonGenerator out;
  private final StructLogTracer tracer;

  StructLogs(StructLogTracer.Options options, TraceContext context, JsonGenerator out) {
    this.out = out;
    tracer =
        new StructLogTracer(
            options, context.state(), context.budget(), (OutputStream) out.getOutputTarget());
  }

  @Override
  public Tracer tracer() {
    return tracer;
  }

  @Override
  public boolean streams() {
    return true;
  }

  @Override
  public void begin() throws IOException {
    out.writeStartObject();
    out.writeArrayFieldStart("structLogs");
    // Past the generator, which keeps bytes of its own until it is flushed.
    out.flush();
  }

  @Override
  public void end(TxResult.Executed result, JsonGenerator out) throws IOException {
    out.writeEndArray();
    out.writeNumberField("gas", result.gasUsed());
    out.writeBooleanField("failed", !result.success());
    boolean returns = result.success() || result.halt() == Halt.REVERT;
    Json.field(out, "returnValue", returns ? result.output() : new byte[0]);
    out.writeEndObject();
  }
}
