package io.semper.rpc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hash32;
import io.semper.rpc.param.Decoders;
import java.util.List;

/// An array of hashes, as versioned hashes of blobs and block hashes are given.
public record HashList(List<Hash32> hashes) {
  /// Far above what any block or request may hold.
  private static final int MAX = 100_000;

  public static HashList fromJson(JsonNode node) {
    return new HashList(Decoders.list(node, MAX, Decoders::hash));
  }
}
