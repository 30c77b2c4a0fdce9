package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Withdrawal;
import java.util.List;

/// The block as a caller wants it to look during one call. What is not given is `null`.
public record BlockOverrides(
    Long number,
    Long time,
    Long gasLimit,
    Address feeRecipient,
    Hash32 prevRandao,
    UInt256 baseFeePerGas,
    UInt256 blobBaseFee,
    UInt256 difficulty,
    Hash32 beaconRoot,
    List<Withdrawal> withdrawals) {
  /// Nothing overridden.
  public static final BlockOverrides NONE =
      new BlockOverrides(null, null, null, null, null, null, null, null, null, null);

  /// More than any block has.
  private static final int MAX_WITHDRAWALS = 1024;

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
        Decoders.field(node, "difficulty", Decoders::quantity),
        Decoders.field(node, "beaconRoot", Decoders::hash),
        Decoders.field(
            node,
            "withdrawals",
            n -> Decoders.list(n, MAX_WITHDRAWALS, BlockOverrides::withdrawal)));
  }

  private static Withdrawal withdrawal(JsonNode node) {
    Decoders.requireObject(node);
    return new Withdrawal(
        Decoders.required(node, "index", Decoders::unsignedLong),
        Decoders.required(node, "validatorIndex", Decoders::unsignedLong),
        Decoders.required(node, "address", Decoders::address),
        Decoders.required(node, "amount", Decoders::unsignedLong));
  }
}
