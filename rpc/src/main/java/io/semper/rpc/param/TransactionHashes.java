package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import java.util.Set;

/// Which transactions a subscriber to receipts waits for.
///
/// @param any empty for all
public record TransactionHashes(Set<Hash32> any) {
  /// As in go-ethereum.
  public static final int MAX = 200;

  /// `null` stands for all.
  public static TransactionHashes fromJson(JsonNode node) {
    if (node == null || node.isNull()) {
      return new TransactionHashes(Set.of());
    }
    Decoders.requireObject(node);
    var hashes =
        Decoders.field(node, "transactionHashes", n -> Decoders.list(n, MAX, Decoders::hash));
    return new TransactionHashes(hashes == null ? Set.of() : Set.copyOf(hashes));
  }
}
