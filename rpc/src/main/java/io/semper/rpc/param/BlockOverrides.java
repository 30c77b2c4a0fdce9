package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;

/// The block as a caller wants it to look during one call. What is not given is `null`.
public record BlockOverrides(
    Long number,
    Long time,
    Long gasLimit,
    Address feeRecipient,
    Hash32 prevRandao,
    UInt256 baseFeePerGas,
    UInt256 blobBaseFee,
    UInt256 difficulty) {
  public static BlockOverrides fromJson(JsonNode node) {
    Decoders.requireObject(node);
    return new BlockOverrides(
        Decoders.field(node, "number", Decoders::positiveLong),
        Decoders.field(node, "time", Decoders::positiveLong),
        Decoders.field(node, "gasLimit", Decoders::positiveLong),
        Decoders.field(node, "feeRecipient", Decoders::address),
        Decoders.field(node, "prevRandao", Decoders::hash),
        Decoders.field(node, "baseFeePerGas", Decoders::quantity),
        Decoders.field(node, "blobBaseFee", Decoders::quantity),
        Decoders.field(node, "difficulty", Decoders::quantity));
  }
}
