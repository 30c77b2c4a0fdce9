package io.semper.rpc.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.param.Decoders;
import java.util.List;

/// Which parts of a trace a caller of `trace_` wants.
public record TraceTypes(boolean trace, boolean vmTrace, boolean stateDiff) {
  private static final List<String> KNOWN = List.of("trace", "vmTrace", "stateDiff");

  public static TraceTypes fromJson(JsonNode node) {
    List<String> wanted = Decoders.list(node, KNOWN.size(), Decoders::text);
    for (String each : wanted) {
      if (!KNOWN.contains(each)) {
        throw new IllegalArgumentException(
            "unknown trace type, want some of " + String.join(", ", KNOWN));
      }
    }
    return new TraceTypes(
        wanted.contains("trace"), wanted.contains("vmTrace"), wanted.contains("stateDiff"));
  }
}
