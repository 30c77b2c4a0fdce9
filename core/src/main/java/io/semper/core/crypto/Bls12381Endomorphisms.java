package io.semper.core.crypto;

import java.math.BigInteger;
import java.util.Arrays;

/// The endomorphisms of BLS12-381's two groups, and what they make cheap: subgroup checks, cofactor
/// clearing and short scalars.
///
/// The curve's parameter is `z = -0xd201000000010000`; its primes are `r = z^4 - z^2 + 1` and `p =
/// (z - 1)^2 r / 3 + z`. On G1 `phi(x, y) = (beta x, y)`, with beta the cube root of one for which
/// phi multiplies the subgroup by `-z^2`. On G2 `psi`, the Frobenius map carried to the twist,
/// multiplies the subgroup by `p = z mod r`.
///
/// A point is in the subgroup exactly if the endomorphism acts on it by that factor (Scott, "A note
/// on group membership tests for G1, G2 and GT on BLS pairing-friendly curves", 2021), which costs
/// one multiplication by the sparse z on G2 and two on G1, in place of one by r.
final class Bls12381Endomorphisms {
  /// The magnitude of z, as an unsigned number.
  static final long Z = 0xd201000000010000L;

  private static final Bls12381Fp FP = Bls12381Fp.INSTANCE;

  private static final long[] BETA =
      FP.of("5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe");

  /// `xi^(-(p-1)/3)` and `xi^(-(p-1)/2)`.
  private static final long[] PSI_X = inverseRootOfXi(3);

  private static final long[] PSI_Y = inverseRootOfXi(2);

  /// The group order r, least significant limb first.
  private static final long[] R = {
    0xffffffff00000001L, 0x53bda402fffe5bfeL, 0x3339d80809a1d805L, 0x73eda753299d7d48L
  };

  /// `(2^128 - 1) / |z| - 2^64`, for division by |z|.
  private static final long Z_RECIPROCAL =
      BigInteger.ONE
          .shiftLeft(128)
          .subtract(BigInteger.ONE)
          .divide(new BigInteger(Long.toUnsignedString(Z)))
          .longValue();

  private Bls12381Endomorphisms() {}

  private static long[] inverseRootOfXi(int divisor) {
    Fp2 f = Bls12381.fp2();
    BigInteger e = FP.modulus.subtract(BigInteger.ONE).divide(BigInteger.valueOf(divisor));
    long[] r = f.pow(f.xi(), e);
    f.inv(r, r);
    return r;
  }

  static void phi(CurvePoint r, CurvePoint p) {
    FP.mul(r.x, p.x, BETA);
    System.arraycopy(p.y, 0, r.y, 0, FP.words);
    System.arraycopy(p.z, 0, r.z, 0, FP.words);
  }

  static void psi(Fp2 f, CurvePoint r, CurvePoint p) {
    f.conjugate(r.x, p.x);
    f.mul(r.x, r.x, PSI_X);
    f.conjugate(r.y, p.y);
    f.mul(r.y, r.y, PSI_Y);
    f.conjugate(r.z, p.z);
  }

  /// Whether a point of the curve has order r: `phi(P) = -z^2 P`.
  static boolean isInG1(Curve g1, CurvePoint p) {
    CurvePoint t = g1.point();
    CurvePoint s = g1.point();
    g1.mul(t, p, Z);
    g1.mul(s, t, Z);
    g1.neg(s, s);
    phi(t, p);
    return g1.equal(s, t);
  }

  /// Whether a point of the twist has order r: `psi(Q) = z Q`.
  static boolean isInG2(Curve g2, CurvePoint q) {
    CurvePoint t = g2.point();
    CurvePoint s = g2.point();
    g2.mul(t, q, Z);
    g2.neg(t, t);
    psi((Fp2) g2.f, s, q);
    return g2.equal(s, t);
  }

  /// `r = (1 - z) p` (RFC 9380, 8.8.1).
  static void clearCofactorG1(Curve g1, CurvePoint r, CurvePoint p) {
    CurvePoint t = g1.point();
    g1.mul(t, p, Z);
    g1.add(r, t, p);
  }

  /// `r = (z^2 - z - 1) q + (z - 1) psi(q) + psi^2(2q)` (Budroni, Pintore 2017; RFC 9380, G.3),
  /// arranged as `z (zq + psi(q)) - zq - psi(q) - q + psi^2(2q)`.
  static void clearCofactorG2(Curve g2, CurvePoint r, CurvePoint q) {
    Fp2 f = (Fp2) g2.f;
    CurvePoint sum = g2.point();
    CurvePoint t = g2.point();
    CurvePoint result = g2.point();
    g2.mul(sum, q, Z);
    g2.neg(sum, sum);
    psi(f, t, q);
    g2.add(sum, sum, t);
    g2.mul(result, sum, Z);
    g2.add(result, result, sum);
    g2.add(result, result, q);
    g2.neg(result, result);
    g2.dbl(t, q);
    psi(f, t, t);
    psi(f, t, t);
    g2.add(r, result, t);
  }

  /// The digits of `scalar mod r` to base |z|, four of them since `r < z^4`.
  private static void digits(long[] out, long[] scalar) {
    long[] rest = Arrays.copyOf(scalar, 4);
    // 2^256 < 3r
    for (int i = 0; i < 2; i++) {
      subtractIfNotLess(rest);
    }
    for (int digit = 0; digit < 4; digit++) {
      long remainder = 0;
      for (int i = 3; i >= 0; i--) {
        // Möller and Granlund, "Improved division by invariant integers" (2011), algorithm 4.
        long low = rest[i];
        long q0 = Z_RECIPROCAL * remainder + low;
        long q1 = Math.unsignedMultiplyHigh(Z_RECIPROCAL, remainder) + remainder;
        q1 += Fp.carry(q0, low) + 1;
        long next = low - q1 * Z;
        if (Long.compareUnsigned(next, q0) > 0) {
          q1--;
          next += Z;
        }
        if (Long.compareUnsigned(next, Z) >= 0) {
          q1++;
          next -= Z;
        }
        rest[i] = q1;
        remainder = next;
      }
      out[digit] = remainder;
    }
  }

  /// Whether a number of four limbs is below r.
  static boolean isBelowOrder(long[] a) {
    for (int i = 3; i >= 0; i--) {
      int order = Long.compareUnsigned(a[i], R[i]);
      if (order != 0) {
        return order < 0;
      }
    }
    return false;
  }

  private static void subtractIfNotLess(long[] a) {
    if (isBelowOrder(a)) {
      return;
    }
    long w = 0;
    for (int i = 0; i < 4; i++) {
      long d = a[i] - R[i];
      long next = Fp.borrow(a[i], R[i]) + Fp.borrow(d, w);
      a[i] = d - w;
      w = next;
    }
  }

  /// Splits a scalar of G1 in two, `(d0 + d1 |z|) + (d2 + d3 |z|) z^2`; the endomorphism is `-phi`,
  /// which multiplies by `z^2`.
  static final class G1Split implements ScalarSplit {
    private final long[] d = new long[4];

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
      digits(d, scalar);
      for (int i = 0; i < 2; i++) {
        long lo = d[2 * i + 1] * Z;
        magnitudes[i][0] = lo + d[2 * i];
        magnitudes[i][1] =
            Math.unsignedMultiplyHigh(d[2 * i + 1], Z) + Fp.carry(magnitudes[i][0], lo);
        negative[i] = false;
      }
    }

    @Override
    public void endomorphism(CurvePoint r, CurvePoint p) {
      phi(r, p);
      FP.neg(r.y, r.y);
    }
  }

  /// Splits a scalar of G2 in four; the endomorphism is psi, which multiplies by `z = -|z|`, so
  /// every other sign is negative.
  static final class G2Split implements ScalarSplit {
    private final Fp2 f;
    private final long[] d = new long[4];

    G2Split(Fp2 f) {
      this.f = f;
    }

    @Override
    public int parts() {
      return 4;
    }

    @Override
    public int bits() {
      return 64;
    }

    @Override
    public void split(long[] scalar, long[][] magnitudes, boolean[] negative) {
      digits(d, scalar);
      for (int i = 0; i < 4; i++) {
        magnitudes[i][0] = d[i];
        magnitudes[i][1] = 0;
        negative[i] = (i & 1) != 0;
      }
    }

    @Override
    public void endomorphism(CurvePoint r, CurvePoint p) {
      psi(f, r, p);
    }
  }
}
