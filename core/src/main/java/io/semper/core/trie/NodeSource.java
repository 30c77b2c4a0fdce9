package io.semper.core.trie;

/// The stored nodes of one trie. The root is always stored, other nodes where their encoding has 32
/// bytes or more (shorter ones are part of their parent).
@FunctionalInterface
public interface NodeSource {
  /// The trie without entries.
  NodeSource EMPTY = path -> null;

  /// The node's RLP, or `null` where no node is stored at this path.
  byte[] node(NodePath path);
}
