package io.semper.rpc.eth;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.evm.Halt;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.RpcException;
import io.semper.rpc.json.BlockJson;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.JsonValue;
import io.semper.rpc.json.LogJson;
import io.semper.rpc.simulate.SimulatedBlock;
import io.semper.rpc.simulate.SimulatedBlock.NumberedLog;
import java.io.IOException;

/// One block of the answer of `eth_simulateV1`.
record SimulatedBlockJson(SimulatedBlock simulated, boolean fullTransactions) implements JsonValue {
  /// A call that ended other than by REVERT.
  private static final int VM_ERROR = -32015;

  private static final String CAPPED = " (gas limit was capped by the RPC server's global gas cap)";

  @Override
  public void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    new BlockJson(simulated.block(), fullTransactions, false).writeFields(out);
    out.writeArrayFieldStart("calls");
    for (int i = 0; i < simulated.calls().size(); i++) {
      writeCall(out, i);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private void writeCall(JsonGenerator out, int index) throws IOException {
    SimulatedBlock.Call call = simulated.calls().get(index);
    TxResult.Executed result = call.result();
    Header header = simulated.block().header();
    out.writeStartObject();
    Json.field(out, "returnData", result.success() ? result.output() : new byte[0]);
    out.writeArrayFieldStart("logs");
    Hash32 transaction = simulated.block().transactions().get(index).hash();
    for (NumberedLog log : call.logs()) {
      new LogJson(log.log(), header, transaction, index, log.number(), false).writeTo(out);
    }
    out.writeEndArray();
    Json.field(out, "gasUsed", result.gasUsed());
    Json.field(out, "maxUsedGas", result.maxGasUsed());
    Json.field(out, "status", result.success() ? 1L : 0L);
    if (!result.success()) {
      out.writeObjectFieldStart("error");
      writeError(out, call);
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  private static void writeError(JsonGenerator out, SimulatedBlock.Call call) throws IOException {
    TxResult.Executed result = call.result();
    if (result.halt() == Halt.REVERT) {
      Json.field(out, "message", RevertReason.message(result.output()));
      out.writeNumberField("code", RpcException.REVERTED);
      Json.field(out, "data", result.output());
    } else {
      Json.field(out, "message", result.halt().text() + (call.capped() ? CAPPED : ""));
      out.writeNumberField("code", VM_ERROR);
    }
  }
}
