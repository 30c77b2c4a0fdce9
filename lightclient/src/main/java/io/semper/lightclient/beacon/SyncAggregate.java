package io.semper.lightclient.beacon;

import io.semper.core.crypto.Bls12381Committee;

/// Who of a sync committee signed, and the aggregate of their signatures.
///
/// @param bits one for each member, the first in the lowest bit of the first byte
/// @param signature 96 bytes
record SyncAggregate(byte[] bits, byte[] signature) {
  static final int SIGNATURE_BYTES = Bls12381Committee.SIGNATURE_BYTES;

  static int sszBytes(int committeeSize) {
    return committeeSize / Byte.SIZE + SIGNATURE_BYTES;
  }

  static SyncAggregate read(SszReader in, int committeeSize) {
    return new SyncAggregate(in.bytes(committeeSize / Byte.SIZE), in.bytes(SIGNATURE_BYTES));
  }

  int participants() {
    int count = 0;
    for (byte b : bits) {
      count += Integer.bitCount(b & 0xFF);
    }
    return count;
  }

  /// Whether at least two thirds took part.
  boolean isSupermajority() {
    return 3 * participants() >= 2 * Byte.SIZE * bits.length;
  }
}
