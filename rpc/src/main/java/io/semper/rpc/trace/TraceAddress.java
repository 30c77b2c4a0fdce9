package io.semper.rpc.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.param.Count;
import io.semper.rpc.param.Decoders;
import java.util.List;

/// The way to a call from the transaction's own down: a position in each frame.
public record TraceAddress(List<Integer> path) {
  private static final int MAX_DEPTH = 1025;

  public static TraceAddress fromJson(JsonNode node) {
    return new TraceAddress(
        Decoders.list(
            node,
            MAX_DEPTH,
            each -> (int) Math.min(Integer.MAX_VALUE, Count.fromJson(each).value())));
  }
}
