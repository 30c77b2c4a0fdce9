package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;

/// What a chain is reset to: the block of another node's chain.
///
/// @param url `null` for the one forked before
/// @param block `null` for the newest
public record ForkRequest(String url, Long block) {
  public static ForkRequest fromJson(JsonNode node) {
    Decoders.requireObject(node);
    JsonNode forking = node.get("forking");
    if (forking == null || forking.isNull()) {
      return null;
    }
    Decoders.requireObject(forking);
    Count block = Decoders.field(forking, "blockNumber", Count::fromJson);
    return new ForkRequest(
        Decoders.field(forking, "jsonRpcUrl", Decoders::text),
        block == null ? null : (Long) block.value());
  }
}
