package io.semper.core.trie;

import io.semper.core.bytes.Hex;
import java.util.Arrays;

/// Where a node stands in its trie: the key digits (nibbles) from the root down to it.
///
/// Its bytes (digit count, then two digits a byte, a last odd one in the high half) name the node
/// in a store: no path's bytes are a prefix of another's.
public final class NodePath implements Comparable<NodePath> {
  public static final NodePath ROOT = new NodePath(new byte[1]);

  private final byte[] packed;

  private NodePath(byte[] packed) {
    this.packed = packed;
  }

  /// The first `length` of these digits.
  static NodePath of(byte[] nibbles, int length) {
    if (length == 0) return ROOT;
    byte[] packed = new byte[1 + (length + 1) / 2];
    packed[0] = (byte) length;
    for (int i = 0; i < length; i++) {
      packed[1 + i / 2] |= (byte) ((i & 1) == 0 ? nibbles[i] << 4 : nibbles[i]);
    }
    return new NodePath(packed);
  }

  /// Reads back what [#toBytes] wrote, starting at `offset`.
  public static NodePath read(byte[] bytes, int offset) {
    int size = 1 + ((bytes[offset] & 0xFF) + 1) / 2;
    return new NodePath(Arrays.copyOfRange(bytes, offset, offset + size));
  }

  /// Digits from the root.
  public int length() {
    return packed[0] & 0xFF;
  }

  public byte[] toBytes() {
    return packed;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NodePath p && Arrays.equals(p.packed, packed);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(packed);
  }

  @Override
  public int compareTo(NodePath other) {
    return Arrays.compareUnsigned(packed, other.packed);
  }

  @Override
  public String toString() {
    return Hex.encode(packed);
  }
}
