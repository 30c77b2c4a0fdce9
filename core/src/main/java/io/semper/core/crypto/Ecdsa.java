package io.semper.core.crypto;

/// The arithmetic behind [Secp256k1], with two makers: a native library and plain Java.
///
/// Private keys, `r` and `s` have been found to lie in `1 .. N-1`.
interface Ecdsa {
  /// The 64-byte public key (x ‖ y) that signed `hash`, or `null` where there is none.
  ///
  /// @param rs the 64 bytes of r and s
  byte[] recover(byte[] hash, byte[] rs, int yParity);

  /// The 64 bytes of r and a low s, with the nonce of RFC 6979.
  byte[] sign(byte[] hash, byte[] privateKey);

  /// The 64-byte public key (x ‖ y).
  byte[] publicKey(byte[] privateKey);

  /// The 64 bytes of a point of which 33 are given: 2 or 3, and x. `null` where it is none.
  byte[] decompress(byte[] compressed);
}
