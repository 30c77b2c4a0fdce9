package io.semper.rpc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Withdrawal;
import io.semper.rpc.param.Decoders;
import java.util.List;

/// `PayloadAttributesV1` to `V3`: what a payload to be built shall have.
///
/// @param timestamp seconds since 1970
/// @param withdrawals `null` where not given
/// @param parentBeaconBlockRoot `null` where not given
public record PayloadAttributes(
    long timestamp,
    Hash32 prevRandao,
    Address suggestedFeeRecipient,
    List<Withdrawal> withdrawals,
    Hash32 parentBeaconBlockRoot) {

  /// @throws IllegalArgumentException where a field is missing or malformed
  public static PayloadAttributes fromJson(JsonNode node) {
    Decoders.requireObject(node);
    return new PayloadAttributes(
        Decoders.required(node, "timestamp", Decoders::unsignedLong),
        Decoders.required(node, "prevRandao", Decoders::hash),
        Decoders.required(node, "suggestedFeeRecipient", Decoders::address),
        Decoders.field(node, "withdrawals", ExecutionPayload::withdrawals),
        Decoders.field(node, "parentBeaconBlockRoot", Decoders::hash));
  }

  /// The same for the same attributes on the same parent.
  public PayloadId id(Hash32 parent) {
    RlpWriter out = new RlpWriter(512).startList();
    out.hash(parent).number(timestamp).hash(prevRandao).address(suggestedFeeRecipient);
    out.startList();
    if (withdrawals != null) {
      withdrawals.forEach(withdrawal -> out.raw(withdrawal.encode()));
    }
    out.endList();
    if (parentBeaconBlockRoot != null) {
      out.hash(parentBeaconBlockRoot);
    }
    return new PayloadId(BigEndian.getLong(Keccak.hash(out.endList().toBytes()).toBytes(), 0));
  }
}
