package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;
import java.util.HashMap;
import java.util.Map;

/// A container whose interesting chunks are given by generalised index; all else is filler.
final class MerkleTree {
  private final Map<Long, Hash32> given = new HashMap<>();

  MerkleTree set(long index, Hash32 chunk) {
    given.put(index, chunk);
    return this;
  }

  Hash32 root() {
    return node(1);
  }

  private Hash32 node(long index) {
    Hash32 chunk = given.get(index);
    if (chunk != null) {
      return chunk;
    }
    return given.keySet().stream().anyMatch(other -> isBelow(other, index))
        ? Ssz.pair(node(2 * index), node(2 * index + 1))
        : Ssz.uint64(index);
  }

  private static boolean isBelow(long index, long ancestor) {
    long at = index;
    while (at > ancestor) {
      at /= 2;
    }
    return at == ancestor;
  }

  /// The branch that proves the chunk at `index`, filled up with zeros in front to `length`.
  Hash32[] branch(long index, int length) {
    Hash32[] branch = Ssz.noBranch(length);
    int depth = 63 - Long.numberOfLeadingZeros(index);
    long at = index;
    for (int i = length - depth; i < length; i++) {
      branch[i] = node(at ^ 1);
      at /= 2;
    }
    return branch;
  }
}
