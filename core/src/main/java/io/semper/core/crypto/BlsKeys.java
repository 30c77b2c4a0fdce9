package io.semper.core.crypto;

/// The arithmetic behind [Bls12381Committee], with two makers: a native library and plain Java.
interface BlsKeys {
  /// Whether `signature` is valid for `message` and the sum of the listed members' keys or, to
  /// `subtract`, of all but theirs.
  boolean verify(boolean subtract, int[] members, byte[] message, byte[] signature);
}
