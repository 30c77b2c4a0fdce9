package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;

/// Which block a caller means: a tag, a number, a hash, or the object form of EIP-1898.
public sealed interface BlockRef {
  BlockRef LATEST = Tag.LATEST;

  /// Named positions of the chain.
  enum Tag implements BlockRef {
    EARLIEST,
    LATEST,
    PENDING,
    SAFE,
    FINALIZED
  }

  record Number(long number) implements BlockRef {}

  /// @param requireCanonical refuse a block that is known but not part of the canonical chain
  record Hash(Hash32 hash, boolean requireCanonical) implements BlockRef {}

  /// Reads any form; a bare string of 32 bytes is a hash.
  static BlockRef fromJson(JsonNode node) {
    if (node.isObject()) {
      return fromObject(node);
    }
    String text = Decoders.text(node);
    if (text.length() == 2 + 2 * Hash32.BYTES && text.startsWith("0x")) {
      return new Hash(Decoders.hash(node), false);
    }
    return numberOrTag(node, text);
  }

  /// Reads a tag or a number, for methods that take no hash.
  static BlockRef numberOrTag(JsonNode node) {
    return numberOrTag(node, Decoders.text(node));
  }

  private static BlockRef numberOrTag(JsonNode node, String text) {
    return switch (text) {
      case "latest" -> Tag.LATEST;
      case "pending" -> Tag.PENDING;
      case "earliest" -> Tag.EARLIEST;
      case "safe" -> Tag.SAFE;
      case "finalized" -> Tag.FINALIZED;
      default -> {
        long number = Decoders.unsignedLong(node);
        if (number < 0) throw new IllegalArgumentException("block number larger than int64");
        yield new Number(number);
      }
    };
  }

  private static BlockRef fromObject(JsonNode node) {
    Hash32 hash = Decoders.field(node, "blockHash", Decoders::hash);
    BlockRef number = Decoders.field(node, "blockNumber", BlockRef::numberOrTag);
    if (hash != null && number != null) {
      throw new IllegalArgumentException(
          "cannot specify both BlockHash and BlockNumber, choose one or the other");
    }
    if (hash != null) {
      Boolean canonical = Decoders.field(node, "requireCanonical", Decoders::bool);
      return new Hash(hash, canonical != null && canonical);
    }
    if (number == null) {
      throw new IllegalArgumentException("block reference names neither blockHash nor blockNumber");
    }
    return number;
  }
}
