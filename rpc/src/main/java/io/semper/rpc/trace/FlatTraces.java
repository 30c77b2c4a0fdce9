package io.semper.rpc.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.evm.Halt;
import io.semper.evm.trace.CallFrame;
import io.semper.rpc.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A tree of calls as a list, each with its place in the tree: the form Parity invented.
final class FlatTraces {
  private static final Map<String, String> PARITY_ERRORS =
      Map.of(
          "contract creation code storage out of gas",
          "Out of gas",
          "out of gas",
          "Out of gas",
          "gas uint64 overflow",
          "Out of gas",
          "max code size exceeded",
          "Out of gas",
          "invalid jump destination",
          "Bad jump destination",
          CallFrame.REVERTED,
          "Reverted",
          "return data out of bounds",
          "Out of bounds",
          "stack limit reached 1024 (1023)",
          "Out of stack",
          "precompiled contract failed",
          "Built-in failed",
          "invalid input length",
          "Built-in failed");

  private FlatTraces() {}

  /// One call with its place.
  ///
  /// @param address positions among the calls of each frame above, from the transaction's own down
  record Flat(CallFrame frame, List<Integer> address) {}

  /// All calls of a tree, each before those it made.
  static List<Flat> of(CallFrame top) {
    List<Flat> all = new ArrayList<>();
    add(top, List.of(), all);
    return all;
  }

  private static void add(CallFrame frame, List<Integer> address, List<Flat> all) {
    all.add(new Flat(frame, address));
    for (int i = 0; i < frame.calls().size(); i++) {
      List<Integer> below = new ArrayList<>(address);
      below.add(i);
      add(frame.calls().get(i), below, all);
    }
  }

  /// As the methods of `trace_` have it: every trace has a result, if only `null`.
  static void writeParity(Flat flat, JsonGenerator out) throws IOException {
    String error = flat.frame.error();
    boolean wrote = error != null && error.endsWith(Halt.STATIC_WRITE.text());
    writeTrace(flat, wrote ? "Mutable Call In Static Context" : parityError(error), out);
    if (!hasResult(flat.frame)) {
      out.writeNullField("result");
    }
  }

  private static boolean hasResult(CallFrame frame) {
    boolean spoke = frame.error() == null || frame.error().equals(CallFrame.REVERTED);
    return spoke && !frame.destructs();
  }

  /// @param parityErrors whether errors are in Parity's words, as far as go-ethereum knows them
  static void write(Flat flat, boolean parityErrors, JsonGenerator out) throws IOException {
    String error = flat.frame.error();
    writeTrace(flat, parityErrors ? parityError(error) : error, out);
  }

  private static void writeTrace(Flat flat, String error, JsonGenerator out) throws IOException {
    CallFrame frame = flat.frame;
    out.writeObjectFieldStart("action");
    if (frame.destructs()) {
      Json.field(out, "address", frame.from());
      Json.field(out, "balance", frame.value());
      Json.field(out, "refundAddress", frame.to());
    } else {
      writeAction(frame, out);
    }
    out.writeEndObject();
    if (error != null) {
      out.writeStringField("error", error);
    }
    if (hasResult(frame)) {
      out.writeObjectFieldStart("result");
      if (frame.creates()) {
        if (frame.error() == null) {
          Json.field(out, "address", frame.to());
        }
        Json.field(out, "code", frame.output());
        Json.field(out, "gasUsed", frame.gasUsed());
      } else {
        Json.field(out, "gasUsed", frame.gasUsed());
        Json.field(out, "output", frame.output());
      }
      out.writeEndObject();
    }
    out.writeNumberField("subtraces", frame.calls().size());
    out.writeArrayFieldStart("traceAddress");
    for (int each : flat.address) {
      out.writeNumber(each);
    }
    out.writeEndArray();
    out.writeStringField(
        "type", frame.destructs() ? "suicide" : frame.creates() ? "create" : "call");
  }

  private static void writeAction(CallFrame frame, JsonGenerator out) throws IOException {
    String kind = frame.type().toLowerCase(Locale.ROOT);
    if (frame.creates()) {
      out.writeStringField("creationMethod", kind);
    } else {
      out.writeStringField("callType", kind);
    }
    Json.field(out, "from", frame.from());
    Json.field(out, "gas", frame.gas());
    Json.field(out, frame.creates() ? "init" : "input", frame.input());
    if (!frame.creates()) {
      Json.field(out, "to", frame.to());
    }
    Json.field(out, "value", frame.value() == null ? UInt256.ZERO : frame.value());
  }

  private static String parityError(String error) {
    if (error == null) {
      return null;
    }
    if (error.startsWith("out of gas:")) {
      return "Out of gas";
    }
    if (error.startsWith("invalid opcode:")) {
      return "Bad instruction";
    }
    if (error.startsWith("stack underflow")) {
      return "Stack underflow";
    }
    return PARITY_ERRORS.getOrDefault(error, error);
  }

  /// What a block's producer, or that of an ommer, was paid.
  static void writeReward(Replay.Reward reward, Header block, JsonGenerator out)
      throws IOException {
    out.writeStartObject();
    out.writeObjectFieldStart("action");
    Json.field(out, "author", reward.author());
    out.writeStringField("rewardType", reward.ommer() ? "uncle" : "block");
    Json.field(out, "value", reward.value());
    out.writeEndObject();
    Json.field(out, "blockHash", block.hash());
    out.writeNumberField("blockNumber", block.number());
    out.writeNullField("result");
    out.writeNumberField("subtraces", 0);
    out.writeArrayFieldStart("traceAddress");
    out.writeEndArray();
    out.writeNullField("transactionHash");
    out.writeNullField("transactionPosition");
    out.writeStringField("type", "reward");
    out.writeEndObject();
  }

  /// Where a trace stands in the chain.
  ///
  /// @param place `null` for a call outside of any block
  static void writePlace(TraceContext.Place place, JsonGenerator out) throws IOException {
    Json.field(out, "blockHash", place == null ? null : place.blockHash());
    out.writeNumberField("blockNumber", place == null ? 0 : place.blockNumber());
    Json.field(out, "transactionHash", place == null ? null : place.transactionHash());
    out.writeNumberField("transactionPosition", place == null ? 0 : place.index());
  }
}
