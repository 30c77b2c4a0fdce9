package io.semper.core.crypto;

import java.util.Arrays;

/// The endomorphism `(x, y) -> (beta x, y)` of alt_bn128's G1, beta a cube root of one. It
/// multiplies by `lambda = 36 u^3 + 18 u^2 + 6 u + 1` where `u = 4965661367192848881` is the
/// curve's parameter.
///
/// The pairs `(a, b)` with `a + b lambda = 0 mod r` form a lattice with the short basis `(6u^2 + 4u
/// + 1, 2u + 1)` and `(2u + 1, -(6u^2 + 2u))`. Subtracting from `(k, 0)` a lattice vector near it
///   leaves the two halves. Its coordinates `c1 = k (6u^2 + 2u) / r`, `c2 = k (2u + 1) / r` are
///   rounded down and computed with a scaled reciprocal, hence each is short by less than two; so
///   `0 <= k0 < 2^128` and `-2^128 < k1 < 2^66`.
final class Bn254Split implements ScalarSplit {
  private static final Bn254Fp FP = Bn254Fp.INSTANCE;
  private static final long[] BETA = FP.of("59e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffe");

  /// `6u^2 + 4u + 1`.
  private static final long[] A1 = {0x0be4e1541221250bL, 0x6f4d8248eeb859fdL};

  /// `2u + 1`, which is both b1 and a2.
  private static final long[] B1 = {0x89d3256894d213e3L};

  /// `6u^2 + 2u`, that is -b2.
  private static final long[] MINUS_B2 = {0x8211bbeb7d4f1128L, 0x6f4d8248eeb859fcL};

  /// `2^256 (6u^2 + 2u) / r`, rounded down.
  private static final long[] G1 = {0x7a7bd9d4391eb18dL, 0x4ccef014a773d2cfL, 0x0000000000000002L};

  /// `2^256 (2u + 1) / r`, rounded down.
  private static final long[] G2 = {0xd91d232ec7e0b3d7L, 0x0000000000000002L};

  private final long[] wide = new long[7];
  private final long[] c1 = new long[3];
  private final long[] c2 = new long[3];
  private final long[] sum = new long[3];
  private final long[] product = new long[3];

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
    multiply(wide, scalar, G1);
    System.arraycopy(wide, 4, c1, 0, 3);
    multiply(wide, scalar, G2);
    System.arraycopy(wide, 4, c2, 0, 3);
    // k0 = k - c1 a1 - c2 a2, to 192 bits
    System.arraycopy(scalar, 0, sum, 0, 3);
    multiply(product, c1, A1);
    subtract(sum, product);
    multiply(product, c2, B1);
    subtract(sum, product);
    System.arraycopy(sum, 0, magnitudes[0], 0, 2);
    negative[0] = false;
    // k1 = -c2 b2 - c1 b1
    multiply(sum, c2, MINUS_B2);
    multiply(product, c1, B1);
    subtract(sum, product);
    negative[1] = sum[2] < 0;
    if (negative[1]) {
      System.arraycopy(sum, 0, product, 0, 3);
      Arrays.fill(sum, 0);
      subtract(sum, product);
    }
    System.arraycopy(sum, 0, magnitudes[1], 0, 2);
  }

  @Override
  public void endomorphism(CurvePoint r, CurvePoint p) {
    FP.mul(r.x, p.x, BETA);
    System.arraycopy(p.y, 0, r.y, 0, FP.words);
    System.arraycopy(p.z, 0, r.z, 0, FP.words);
  }

  /// The product modulo 2^64 to the power of `r.length`.
  private static void multiply(long[] r, long[] a, long[] b) {
    Arrays.fill(r, 0);
    for (int i = 0; i < a.length; i++) {
      long c = 0;
      for (int j = 0; i + j < r.length; j++) {
        long term = j < b.length ? b[j] : 0;
        long lo = a[i] * term + c;
        c = Math.unsignedMultiplyHigh(a[i], term) + Fp.carry(lo, c);
        r[i + j] += lo;
        c += Fp.carry(r[i + j], lo);
      }
    }
  }

  private static void subtract(long[] r, long[] a) {
    long w = 0;
    for (int i = 0; i < r.length; i++) {
      long d = r[i] - a[i];
      long next = Fp.borrow(r[i], a[i]) + Fp.borrow(d, w);
      r[i] = d - w;
      w = next;
    }
  }
}
