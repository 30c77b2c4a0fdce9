package io.semper.rpc.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.param.CallRequest;
import io.semper.rpc.param.Decoders;
import java.util.List;

/// Calls to trace one after the other: `[[call, [types]], …]`.
public record TraceCalls(List<Described> calls) {
  public static final int MAX_CALLS = 1000;

  public record Described(CallRequest transaction, TraceTypes types) {}

  public static TraceCalls fromJson(JsonNode node) {
    return new TraceCalls(
        Decoders.list(
            node,
            MAX_CALLS,
            pair -> {
              if (!pair.isArray() || pair.size() != 2) {
                throw new IllegalArgumentException("want pairs of a call and its trace types");
              }
              return new Described(
                  CallRequest.fromJson(pair.get(0)), TraceTypes.fromJson(pair.get(1)));
            }));
  }
}
