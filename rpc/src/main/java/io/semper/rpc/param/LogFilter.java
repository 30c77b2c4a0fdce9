package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Bloom;
import io.semper.core.types.Log;
import io.semper.rpc.RpcException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Which logs a caller wants.
///
/// @param blockHash one block by hash, else `null`
/// @param from first block, `null` where not given
/// @param to last block, `null` where not given
/// @param addresses any of these; empty for all
/// @param topics for each position any of these; an empty set for all
public record LogFilter(
    Hash32 blockHash,
    BlockRef from,
    BlockRef to,
    Set<Address> addresses,
    List<Set<Hash32>> topics) {
  public static final int MAX_TOPICS = 4;

  /// Alternatives in one position, and addresses.
  public static final int MAX_ALTERNATIVES = 1000;

  public static LogFilter fromJson(JsonNode node) {
    Decoders.requireObject(node);
    Hash32 blockHash = Decoders.field(node, "blockHash", Decoders::hash);
    BlockRef from = Decoders.field(node, "fromBlock", BlockRef::numberOrTag);
    BlockRef to = Decoders.field(node, "toBlock", BlockRef::numberOrTag);
    if (blockHash != null && (from != null || to != null)) {
      throw new IllegalArgumentException(
          "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other");
    }
    Set<Address> addresses = Decoders.field(node, "address", LogFilter::addresses);
    List<Set<Hash32>> topics = Decoders.field(node, "topics", LogFilter::topics);
    return new LogFilter(
        blockHash,
        from,
        to,
        addresses == null ? Set.of() : addresses,
        topics == null ? List.of() : topics);
  }

  private static Set<Address> addresses(JsonNode node) {
    if (!node.isArray()) {
      return Set.of(Decoders.address(node));
    }
    return new HashSet<>(Decoders.list(node, MAX_ALTERNATIVES, Decoders::address));
  }

  private static List<Set<Hash32>> topics(JsonNode node) {
    if (node.isArray() && node.size() > MAX_TOPICS) {
      throw RpcException.invalidParams("exceed max topics");
    }
    List<Set<Hash32>> positions = new ArrayList<>();
    for (JsonNode position : Decoders.list(node, MAX_TOPICS, item -> item)) {
      positions.add(alternatives(position));
    }
    return positions;
  }

  private static Set<Hash32> alternatives(JsonNode position) {
    if (position.isNull()) {
      return Set.of();
    }
    if (position.isTextual()) {
      return Set.of(Decoders.hash(position));
    }
    Set<Hash32> any = new HashSet<>();
    for (JsonNode item : Decoders.list(position, MAX_ALTERNATIVES, item -> item)) {
      if (item.isNull()) {
        return Set.of();
      }
      any.add(Decoders.hash(item));
    }
    return any;
  }

  public boolean matches(Log log) {
    if (!addresses.isEmpty() && !addresses.contains(log.address())) {
      return false;
    }
    if (topics.size() > log.topics().size()) {
      return false;
    }
    for (int i = 0; i < topics.size(); i++) {
      Set<Hash32> wanted = topics.get(i);
      if (!wanted.isEmpty() && !wanted.contains(log.topics().get(i))) {
        return false;
      }
    }
    return true;
  }

  /// Tells by a block's bloom whether it can hold a wanted log. Prepared once, for many blocks.
  public Predicate<Bloom> bloomTest() {
    List<List<Bloom>> wanted = new ArrayList<>();
    wanted.add(addresses.stream().map(Bloom::of).toList());
    for (Set<Hash32> position : topics) {
      wanted.add(position.stream().map(Bloom::of).toList());
    }
    wanted.removeIf(List::isEmpty);
    return bloom -> wanted.stream().allMatch(any -> any.stream().anyMatch(bloom::covers));
  }
}
