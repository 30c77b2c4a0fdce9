package io.semper.core.crypto;

import io.semper.core.bytes.UInt256;

/// A secp256k1 signature whose public key can be recovered.
///
/// @param yParity 0 or 1: whether the y coordinate of the signature's point is odd
public record Signature(int yParity, UInt256 r, UInt256 s) {
  /// Stands where nobody has signed; no key makes it.
  public static final Signature NONE = new Signature(0, UInt256.ZERO, UInt256.ZERO);
}
