package io.semper.core.trie;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.RlpWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.BiConsumer;

/// Operations on Merkle-Patricia tries.
public final class Trie {
  private Trie() {}

  /// The root over a list, as headers have for transactions, receipts and withdrawals: the key of
  /// an item is the RLP of its index.
  public static Hash32 orderedRoot(List<byte[]> items) {
    TrieBuilder builder = new TrieBuilder();
    int size = items.size();
    // Index 0 encodes as 0x80 and so comes between 127 and 128 in key order.
    for (int i = 1; i < Math.min(size, 128); i++) builder.add(index(i), items.get(i));
    if (size > 0) builder.add(index(0), items.get(0));
    for (int i = 128; i < size; i++) builder.add(index(i), items.get(i));
    return builder.root();
  }

  private static byte[] index(int i) {
    return new RlpWriter(5).number(i).toBytes();
  }

  /// The root of a trie with these entries.
  public static Hash32 root(SortedMap<Hash32, byte[]> entries) {
    TrieBuilder builder = new TrieBuilder();
    entries.forEach(builder::add);
    return builder.root();
  }

  /// Applies changes to a stored trie. Nothing is stored here: the result lists what to store.
  ///
  /// @param changes new values by key, `null` to remove a key (which need not exist)
  public static TrieUpdate update(NodeSource trie, SortedMap<Hash32, byte[]> changes) {
    byte[][] keys = new byte[changes.size()][];
    byte[][] values = new byte[changes.size()][];
    int i = 0;
    for (var change : changes.entrySet()) {
      keys[i] = Nibbles.of(change.getKey());
      values[i++] = change.getValue();
    }
    return new TrieUpdater(trie).update(keys, values);
  }

  /// The nodes from the root towards `key`: proof of its value, or of its absence. Empty for the
  /// trie without entries.
  public static List<byte[]> prove(NodeSource trie, Hash32 key) {
    List<byte[]> proof = new ArrayList<>();
    byte[] digits = Nibbles.of(key);
    byte[] rlp = trie.node(NodePath.ROOT);
    if (rlp == null) return proof;
    proof.add(rlp);
    Node node = Node.decode(rlp);
    int depth = 0;
    while (true) {
      byte[] reference;
      switch (node) {
        case Node.Leaf leaf -> reference = null;
        case Node.Extension e -> {
          boolean follows = Nibbles.matching(digits, depth, e.path(), 0) == e.path().length;
          reference = follows ? e.child() : null;
          depth += e.path().length;
        }
        case Node.Branch b -> reference = b.child(digits[depth++]);
      }
      if (reference == null) return proof;
      if (Node.isHash(reference)) {
        NodePath path = NodePath.of(digits, depth);
        rlp = required(trie, path);
        proof.add(rlp);
        node = Node.decode(rlp);
      } else {
        node = Node.decode(reference);
      }
    }
  }

  /// Visits every stored node and every entry, in key order.
  public static void walk(
      NodeSource trie, TrieBuilder.Sink nodes, BiConsumer<Hash32, byte[]> entries) {
    byte[] root = trie.node(NodePath.ROOT);
    if (root == null) return;
    nodes.node(NodePath.ROOT, root);
    walk(trie, Node.decode(root), new byte[64], 0, nodes, entries);
  }

  private static void walk(
      NodeSource trie,
      Node node,
      byte[] digits,
      int depth,
      TrieBuilder.Sink nodes,
      BiConsumer<Hash32, byte[]> entries) {
    switch (node) {
      case Node.Leaf leaf -> {
        System.arraycopy(leaf.path(), 0, digits, depth, leaf.path().length);
        entries.accept(Hash32.of(Nibbles.pack(digits)), leaf.value());
      }
      case Node.Extension e -> {
        System.arraycopy(e.path(), 0, digits, depth, e.path().length);
        descend(trie, e.child(), digits, depth + e.path().length, nodes, entries);
      }
      case Node.Branch b -> {
        for (int i = 0; i < 16; i++) {
          if (!b.has(i)) continue;
          digits[depth] = (byte) i;
          descend(trie, b.child(i), digits, depth + 1, nodes, entries);
        }
      }
    }
  }

  private static void descend(
      NodeSource trie,
      byte[] reference,
      byte[] digits,
      int depth,
      TrieBuilder.Sink nodes,
      BiConsumer<Hash32, byte[]> entries) {
    byte[] rlp = reference;
    if (Node.isHash(reference)) {
      NodePath path = NodePath.of(digits, depth);
      rlp = required(trie, path);
      nodes.node(path, rlp);
    }
    walk(trie, Node.decode(rlp), digits, depth, nodes, entries);
  }

  private static byte[] required(NodeSource trie, NodePath path) {
    byte[] rlp = trie.node(path);
    if (rlp == null) throw new IllegalStateException("trie node missing at path " + path);
    return rlp;
  }
}
