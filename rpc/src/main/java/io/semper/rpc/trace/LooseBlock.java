package io.semper.rpc.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.Count;

/// A block in any form of [BlockRef], or its number as a plain JSON number, as Otterscan writes it.
public record LooseBlock(BlockRef ref) {
  public static LooseBlock fromJson(JsonNode node) {
    return new LooseBlock(
        node.isNumber()
            ? new BlockRef.Number(Count.fromJson(node).value())
            : BlockRef.fromJson(node));
  }
}
