package io.semper.core.trie;

import io.semper.core.bytes.Hash32;
import java.util.Map;

/// What applying changes did to a trie.
///
/// @param nodes every stored node that differs from before
public record TrieUpdate(Hash32 root, Map<NodePath, NodeChange> nodes) {

  /// @param before RLP of the node that was stored, `null` where there was none
  /// @param after RLP of the node to store, `null` to remove it
  public record NodeChange(byte[] before, byte[] after) {}
}
