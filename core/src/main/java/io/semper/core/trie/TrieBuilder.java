package io.semper.core.trie;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.view.Account;
import java.util.Arrays;

/// Builds a trie from its entries in ascending key order, holding only the branches on the path of
/// the last key. For roots of lists, genesis states and the verification of a whole state.
///
/// Invariant: `open[0..count)` are the branches above the pending entry, at ascending `depths`;
/// everything left of the pending key is finished and hashed.
public final class TrieBuilder {
  private static final int MAX_DIGITS = 255;

  /// Receives every node that a [NodeSource] of the finished trie must give.
  @FunctionalInterface
  public interface Sink {
    void node(NodePath path, byte[] rlp);
  }

  private final Sink sink;
  private Node.Branch[] open = new Node.Branch[16];
  private int[] depths = new int[16];
  private int count;
  private byte[] pendingKey;
  private byte[] pendingValue;

  public TrieBuilder() {
    this((path, rlp) -> {});
  }

  public TrieBuilder(Sink sink) {
    this.sink = sink;
  }

  public TrieBuilder add(Hash32 key, byte[] value) {
    return add(key.toBytes(), value);
  }

  /// @param key greater than every key before
  /// @param value not empty
  public TrieBuilder add(byte[] key, byte[] value) {
    if (value.length == 0) throw new IllegalArgumentException("empty trie value");
    if (key.length * 2 > MAX_DIGITS) {
      throw new IllegalArgumentException("trie key of " + key.length + " bytes");
    }
    byte[] nibbles = Nibbles.of(key);
    if (pendingKey != null) {
      if (Arrays.compare(pendingKey, nibbles) >= 0) {
        throw new IllegalArgumentException("trie keys not in ascending order");
      }
      closeTo(Nibbles.matching(pendingKey, 0, nibbles, 0));
    }
    pendingKey = nibbles;
    pendingValue = value;
    return this;
  }

  /// The root hash. The builder is then used up.
  public Hash32 root() {
    if (pendingKey == null) return Account.EMPTY_ROOT;
    Node root;
    if (count == 0) {
      root = new Node.Leaf(pendingKey, pendingValue);
    } else {
      closeTo(depths[0]);
      root = open[0];
      if (depths[0] > 0) {
        byte[] branch = finish(root.encode(), depths[0]);
        root = new Node.Extension(Arrays.copyOf(pendingKey, depths[0]), branch);
      }
    }
    byte[] encoded = root.encode();
    sink.node(NodePath.ROOT, encoded);
    return Keccak.hash(encoded);
  }

  /// Hangs the pending entry into the branch it belongs to, then finishes all branches deeper than
  /// `depth`, leaving one open exactly there.
  private void closeTo(int depth) {
    if (count == 0 || depths[count - 1] < depth) push(depth);
    Node.Branch parent = open[count - 1];
    int at = depths[count - 1];
    if (pendingKey.length == at) {
      parent.setValue(pendingValue);
    } else {
      byte[] path = Nibbles.compact(pendingKey, at + 1, pendingKey.length, true);
      parent.setChild(pendingKey[at], finish(Node.pair(path, pendingValue, true), at + 1));
    }
    while (depths[count - 1] > depth) {
      byte[] encoded = open[count - 1].encode();
      int from = depths[count - 1];
      count--;
      if (count == 0 || depths[count - 1] < depth) push(depth);
      int above = depths[count - 1];
      byte[] reference = finish(encoded, from);
      if (from > above + 1) {
        byte[] path = Nibbles.compact(pendingKey, above + 1, from, false);
        reference = finish(Node.pair(path, reference, false), above + 1);
      }
      open[count - 1].setChild(pendingKey[above], reference);
    }
  }

  private void push(int depth) {
    if (count == open.length) {
      open = Arrays.copyOf(open, count * 2);
      depths = Arrays.copyOf(depths, count * 2);
    }
    open[count] = Node.Branch.empty();
    depths[count++] = depth;
  }

  private byte[] finish(byte[] encoded, int depth) {
    if (encoded.length >= Node.MIN_HASHED_BYTES) {
      sink.node(NodePath.of(pendingKey, depth), encoded);
    }
    return Node.reference(encoded);
  }
}
