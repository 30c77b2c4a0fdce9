package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;

/// What `evm_mine` is asked for: a time alone, or an object of time and number of blocks.
///
/// @param timestamp seconds since 1970 of the first block; `null` for the chain's clock
public record MineRequest(Long timestamp, long blocks) {
  public static MineRequest fromJson(JsonNode node) {
    if (!node.isObject()) {
      return new MineRequest(Count.fromJson(node).value(), 1);
    }
    Count timestamp = Decoders.field(node, "timestamp", Count::fromJson);
    Count blocks = Decoders.field(node, "blocks", Count::fromJson);
    return new MineRequest(
        timestamp == null ? null : (Long) timestamp.value(), blocks == null ? 1 : blocks.value());
  }
}
