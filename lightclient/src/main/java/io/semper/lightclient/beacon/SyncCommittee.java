package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Bls12381Committee;
import java.util.Arrays;

/// The validators who sign every block of a period, by their public keys.
///
/// Keys stay compressed; those needed to check a signature are decompressed then, and kept.
final class SyncCommittee {
  static final int KEY_BYTES = Bls12381Committee.KEY_BYTES;

  private final byte[] encoded;
  private final int size;
  private final Hash32 root;
  private Bls12381Committee keys;

  private SyncCommittee(byte[] encoded) {
    this.encoded = encoded;
    size = encoded.length / KEY_BYTES - 1;
    root = computeRoot();
  }

  /// Bytes of a committee of `size` and the aggregate of its keys.
  static int sszBytes(int size) {
    return (size + 1) * KEY_BYTES;
  }

  /// Reads a committee; `null` for the empty one, which stands for none.
  static SyncCommittee read(SszReader in, int size) {
    return of(in.bytes(sszBytes(size)));
  }

  /// @param encoded the keys, one after the other, and their aggregate; not to be modified
  /// @return `null` for the empty one
  static SyncCommittee of(byte[] encoded) {
    for (byte b : encoded) {
      if (b != 0) {
        return new SyncCommittee(encoded);
      }
    }
    return null;
  }

  private Hash32 computeRoot() {
    Hash32[] keyRoots = new Hash32[size];
    for (int i = 0; i < size; i++) {
      keyRoots[i] = keyRoot(i);
    }
    return Ssz.pair(Ssz.merkleize(keyRoots), keyRoot(size));
  }

  private Hash32 keyRoot(int index) {
    return Ssz.bytes(Arrays.copyOfRange(encoded, index * KEY_BYTES, (index + 1) * KEY_BYTES));
  }

  int size() {
    return size;
  }

  /// `hash_tree_root`.
  Hash32 root() {
    return root;
  }

  byte[] encoded() {
    return encoded;
  }

  /// Whether exactly the members whose bit is set signed `message`. Only for a committee that has
  /// been proven to be one.
  boolean signed(SyncAggregate aggregate, Hash32 message) {
    return keys().verify(aggregate.bits(), message.toBytes(), aggregate.signature());
  }

  private synchronized Bls12381Committee keys() {
    if (keys == null) {
      int all = size * KEY_BYTES;
      keys =
          Bls12381Committee.of(
              Arrays.copyOf(encoded, all), Arrays.copyOfRange(encoded, all, encoded.length));
    }
    return keys;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SyncCommittee c && c.root.equals(root);
  }

  @Override
  public int hashCode() {
    return root.hashCode();
  }
}
