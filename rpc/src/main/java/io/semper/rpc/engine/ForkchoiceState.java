package io.semper.rpc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.rpc.param.Decoders;

/// `ForkchoiceStateV1`.
///
/// @param safe zero where there is none yet
/// @param finalized zero where there is none yet
public record ForkchoiceState(Hash32 head, Hash32 safe, Hash32 finalized) {
  public static ForkchoiceState fromJson(JsonNode node) {
    Decoders.requireObject(node);
    return new ForkchoiceState(
        Decoders.required(node, "headBlockHash", Decoders::hash),
        Decoders.required(node, "safeBlockHash", Decoders::hash),
        Decoders.required(node, "finalizedBlockHash", Decoders::hash));
  }
}
