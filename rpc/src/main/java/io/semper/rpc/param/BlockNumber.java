package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;

/// A block by tag or number only, for methods that take no hash.
public record BlockNumber(BlockRef ref) {
  public static BlockNumber fromJson(JsonNode node) {
    return new BlockNumber(BlockRef.numberOrTag(node));
  }
}
