package io.semper.core.trie;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hash32;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The stored nodes of one trie in memory, changed only through [TrieUpdate]s.
final class NodeMap implements NodeSource {
  final TreeMap<NodePath, byte[]> nodes = new TreeMap<>();

  @Override
  public byte[] node(NodePath path) {
    return nodes.get(path);
  }

  /// @param changes keys of any lengths; `null` values remove
  Hash32 apply(SortedMap<byte[], byte[]> changes) {
    byte[][] keys = changes.keySet().stream().map(Nibbles::of).toArray(byte[][]::new);
    byte[][] values = changes.values().toArray(byte[][]::new);
    return store(new TrieUpdater(this).update(keys, values));
  }

  /// Stores an update, checking on the way that it knew what was stored before.
  Hash32 store(TrieUpdate update) {
    for (Map.Entry<NodePath, TrieUpdate.NodeChange> e : update.nodes().entrySet()) {
      assertThat(e.getValue().before()).isEqualTo(nodes.get(e.getKey()));
      if (e.getValue().after() == null) {
        nodes.remove(e.getKey());
      } else {
        nodes.put(e.getKey(), e.getValue().after());
      }
    }
    return update.root();
  }
}
