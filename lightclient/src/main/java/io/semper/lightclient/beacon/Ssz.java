package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Sha256;
import java.util.Arrays;

/// Roots of Simple Serialize: values as trees of 32-byte chunks hashed in pairs, and proofs that a
/// chunk stands where its generalised index says (consensus-specs, `ssz/`).
final class Ssz {
  private Ssz() {}

  static Hash32 pair(Hash32 left, Hash32 right) {
    byte[] both = new byte[2 * Hash32.BYTES];
    left.writeTo(both, 0);
    right.writeTo(both, Hash32.BYTES);
    return Sha256.hash(both);
  }

  /// The root over the chunks, filled up with zeros to a power of two; for containers.
  static Hash32 merkleize(Hash32... chunks) {
    int width = Integer.highestOneBit(Math.max(chunks.length - 1, 0)) << 1;
    Hash32[] level = Arrays.copyOf(chunks, Math.max(width, 1));
    Arrays.fill(level, chunks.length, level.length, Hash32.ZERO);
    for (int n = level.length; n > 1; n /= 2) {
      for (int i = 0; i < n / 2; i++) {
        level[i] = pair(level[2 * i], level[2 * i + 1]);
      }
    }
    return level[0];
  }

  static Hash32 uint64(long value) {
    return Hash32.of(Long.reverseBytes(value), 0, 0, 0);
  }

  /// The root of a vector of bytes.
  static Hash32 bytes(byte[] vector) {
    Hash32[] chunks = new Hash32[Math.max(1, (vector.length + Hash32.BYTES - 1) / Hash32.BYTES)];
    byte[] padded = Arrays.copyOf(vector, chunks.length * Hash32.BYTES);
    for (int i = 0; i < chunks.length; i++) {
      chunks[i] = Hash32.of(padded, i * Hash32.BYTES);
    }
    return merkleize(chunks);
  }

  /// The root of a list of at most 32 bytes: its one chunk, and its length mixed in.
  static Hash32 shortList(byte[] list) {
    return pair(bytes(list), uint64(list.length));
  }

  /// Whether `branch` leads from `leaf` at generalised index `index` to `root`.
  ///
  /// A branch may be longer than the index asks for, as where an older proof stands in a container
  /// of a later fork; what is too much comes first and is zero
  /// (`is_valid_normalized_merkle_branch`).
  static boolean isValidBranch(Hash32 leaf, Hash32[] branch, long index, Hash32 root) {
    int depth = 63 - Long.numberOfLeadingZeros(index);
    int extra = branch.length - depth;
    if (extra < 0) {
      return false;
    }
    for (int i = 0; i < extra; i++) {
      if (!branch[i].isZero()) {
        return false;
      }
    }
    Hash32 node = leaf;
    for (int i = 0; i < depth; i++) {
      Hash32 sibling = branch[extra + i];
      node = (index >>> i & 1) != 0 ? pair(sibling, node) : pair(node, sibling);
    }
    return node.equals(root);
  }

  static boolean isZero(Hash32[] branch) {
    for (Hash32 node : branch) {
      if (!node.isZero()) {
        return false;
      }
    }
    return true;
  }

  /// A branch of a given length that proves nothing.
  static Hash32[] noBranch(int length) {
    Hash32[] branch = new Hash32[length];
    Arrays.fill(branch, Hash32.ZERO);
    return branch;
  }
}
