package io.semper.core.crypto;

import java.math.BigInteger;

/// Modular exponentiation of numbers of any size.
///
/// By [BigInteger#modPow], which HotSpot compiles to Montgomery multiplications on 64-bit words.
/// Measured at Osaka's prices (EIP-7883) for odd, even and power-of-two moduli of 8 to 1,024 bytes
/// and exponents from 17 bits to the modulus's size, it does 160 to 3,100 million gas a second and
/// more. Even the slowest keeps pace with ordinary code, so arithmetic of our own would gain
/// nothing.
///
/// For even moduli it computes two inverses, though, which costs more than a short exponent does:
/// 17 million gas a second for 128 bytes. Short exponents are done by hand.
public final class ModExp {
  /// Bits of the longest exponent that is.
  private static final int SHORT_EXPONENT_BITS = 16;

  private ModExp() {}

  /// `base ^ exponent mod modulus` as exactly as many bytes as `modulus` has. All are unsigned
  /// big-endian; a modulus of zero gives zero, and so does one; `0 ^ 0` is 1.
  public static byte[] modExp(byte[] base, byte[] exponent, byte[] modulus) {
    BigInteger m = new BigInteger(1, modulus);
    if (m.bitLength() <= 1) {
      return new byte[modulus.length];
    }
    BigInteger b = new BigInteger(1, base);
    BigInteger e = new BigInteger(1, exponent);
    boolean byHand = !m.testBit(0) && e.bitLength() <= SHORT_EXPONENT_BITS;
    BigInteger result = byHand ? shortPower(b, e, m) : b.modPow(e, m);
    byte[] bytes = result.toByteArray();
    // A sign byte may stand in front.
    int skip = Math.max(0, bytes.length - modulus.length);
    byte[] out = new byte[modulus.length];
    System.arraycopy(bytes, skip, out, out.length - (bytes.length - skip), bytes.length - skip);
    return out;
  }

  private static BigInteger shortPower(BigInteger base, BigInteger exponent, BigInteger modulus) {
    BigInteger b = base.mod(modulus);
    BigInteger power = BigInteger.ONE;
    for (int bit = exponent.bitLength() - 1; bit >= 0; bit--) {
      power = power.multiply(power).mod(modulus);
      if (exponent.testBit(bit)) {
        power = power.multiply(b).mod(modulus);
      }
    }
    return power;
  }
}
