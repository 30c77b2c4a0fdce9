package io.semper.rpc.trace;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.evm.trace.CallFrame;
import io.semper.rpc.param.BlockRef;
import io.semper.rpc.param.Count;
import io.semper.rpc.param.Decoders;
import java.util.HashSet;
import java.util.Set;

/// Which calls a caller of `trace_filter` wants.
///
/// @param from first block, `null` where not given
/// @param to last block, `null` where not given
/// @param fromAddresses any of these; empty for all
/// @param toAddresses any of these; empty for all
/// @param after matches to leave out first
/// @param count most matches to answer
public record TraceFilter(
    BlockRef from,
    BlockRef to,
    Set<Address> fromAddresses,
    Set<Address> toAddresses,
    long after,
    long count) {
  private static final int MAX_ADDRESSES = 1000;

  public static TraceFilter fromJson(JsonNode node) {
    Decoders.requireObject(node);
    Count after = Decoders.field(node, "after", Count::fromJson);
    Count count = Decoders.field(node, "count", Count::fromJson);
    return new TraceFilter(
        Decoders.field(node, "fromBlock", BlockRef::numberOrTag),
        Decoders.field(node, "toBlock", BlockRef::numberOrTag),
        addresses(node, "fromAddress"),
        addresses(node, "toAddress"),
        after == null ? 0 : after.value(),
        count == null ? Long.MAX_VALUE : count.value());
  }

  private static Set<Address> addresses(JsonNode node, String name) {
    var list =
        Decoders.field(node, name, each -> Decoders.list(each, MAX_ADDRESSES, Decoders::address));
    return list == null ? Set.of() : new HashSet<>(list);
  }

  boolean matches(CallFrame frame) {
    boolean reached = frame.creates() && frame.error() != null ? toAddresses.isEmpty() : true;
    return reached
        && (fromAddresses.isEmpty() || fromAddresses.contains(frame.from()))
        && (toAddresses.isEmpty() || toAddresses.contains(frame.to()));
  }

  /// Whether the reward of a block's producer is wanted: a payment from nobody.
  boolean matches(Replay.Reward reward) {
    return fromAddresses.isEmpty()
        && (toAddresses.isEmpty() || toAddresses.contains(reward.author()));
  }
}
