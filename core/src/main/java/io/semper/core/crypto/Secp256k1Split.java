package io.semper.core.crypto;

import io.semper.core.bytes.UInt256;
import java.math.BigInteger;

/// The endomorphism `(x, y) -> (beta x, y)` of secp256k1, beta a cube root of one, which multiplies
/// by a cube root of one modulo the order.
///
/// The pairs `(a, b)` with `a + b lambda = 0 mod n` form a lattice with the short basis `(A1, -B1)`
/// and `(A2, A1)`. Subtracting from `(k, 0)` the lattice vector nearest to it leaves two halves of
/// magnitude at most `(A1 + A2) / 2` and `(B1 + A1) / 2`, both below 2^128.
final class Secp256k1Split implements ScalarSplit {
  private static final Secp256k1Fp FP = Secp256k1Fp.INSTANCE;
  private static final BigInteger N = Secp256k1.N.toBigInteger();
  private static final BigInteger A1 = new BigInteger("3086d221a7d46bcde86c90e49284eb15", 16);
  private static final BigInteger B1 = new BigInteger("e4437ed6010e88286f547fa90abfe4c3", 16);
  private static final BigInteger A2 = new BigInteger("114ca50f7a8e2f3f657c1108d9d44cfd8", 16);
  private static final long[] BETA = {
    0xc1396c28719501eeL, 0x9cf0497512f58995L, 0x6e64479eac3434e9L, 0x7ae96a2b657c0710L
  };

  /// Quotients by n are taken with reciprocals scaled by this many bits.
  private static final int SCALE = 384;

  private static final BigInteger HALF = BigInteger.ONE.shiftLeft(SCALE - 1);
  private static final BigInteger A1_OVER_N = A1.shiftLeft(SCALE).divide(N);
  private static final BigInteger B1_OVER_N = B1.shiftLeft(SCALE).divide(N);

  @Override
  public int parts() {
    return 2;
  }

  @Override
  public int bits() {
    return 128;
  }

  @Override
  public void split(long[] scalar, long[][] magnitudes, boolean[] negative) {
    BigInteger k = UInt256.of(scalar[0], scalar[1], scalar[2], scalar[3]).toBigInteger();
    BigInteger c1 = k.multiply(A1_OVER_N).add(HALF).shiftRight(SCALE);
    BigInteger c2 = k.multiply(B1_OVER_N).add(HALF).shiftRight(SCALE);
    store(k.subtract(c1.multiply(A1)).subtract(c2.multiply(A2)), 0, magnitudes, negative);
    store(c1.multiply(B1).subtract(c2.multiply(A1)), 1, magnitudes, negative);
  }

  private static void store(BigInteger part, int index, long[][] magnitudes, boolean[] negative) {
    BigInteger magnitude = part.abs();
    magnitudes[index][0] = magnitude.longValue();
    magnitudes[index][1] = magnitude.shiftRight(64).longValue();
    negative[index] = part.signum() < 0;
  }

  @Override
  public void endomorphism(CurvePoint r, CurvePoint p) {
    FP.mul(r.x, p.x, BETA);
    FP.set(r.y, p.y);
    FP.set(r.z, p.z);
  }
}
