package io.semper.core.crypto;

import java.math.BigInteger;

/// Modular exponentiation of numbers of any size.
public final class ModExp {
  private ModExp() {}

  /// `base ^ exponent mod modulus` as exactly as many bytes as `modulus` has. All are unsigned
  /// big-endian; a modulus of zero gives zero, and so does one; `0 ^ 0` is 1.
  public static byte[] modExp(byte[] base, byte[] exponent, byte[] modulus) {
    BigInteger m = new BigInteger(1, modulus);
    if (m.bitLength() <= 1) {
      return new byte[modulus.length];
    }
    BigInteger result = new BigInteger(1, base).modPow(new BigInteger(1, exponent), m);
    byte[] bytes = result.toByteArray();
    // A sign byte may stand in front.
    int skip = Math.max(0, bytes.length - modulus.length);
    byte[] out = new byte[modulus.length];
    System.arraycopy(bytes, skip, out, out.length - (bytes.length - skip), bytes.length - skip);
    return out;
  }
}
