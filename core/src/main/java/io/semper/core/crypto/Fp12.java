package io.semper.core.crypto;

import java.math.BigInteger;

/// The top of the tower, where pairings take their values: `Fp6 = Fp2[v] / (v^3 - xi)` and `Fp12 =
/// Fp6[w] / (w^2 - v)`.
///
/// An element is six [Fp2] coefficients, `a[0] + a[1] v + a[2] v^2 + (a[3] + a[4] v + a[5] v^2) w`;
/// an Fp6 element is three consecutive ones, named by the index of the first. In powers of `w` the
/// six stand for exponents 0, 2, 4, 1, 3, 5.
///
/// Formulas: Karatsuba on both levels (Devegili, Ó hÉigeartaigh, Scott, Dahab 2006), complex
/// squaring, sparse products for line values, and Granger and Scott's squaring (2010) for elements
/// of the cyclotomic subgroup, where the conjugate is the inverse.
///
/// An instance owns scratch memory, so it belongs to one thread.
final class Fp12 {
  private static final int[] POWER_OF_W = {0, 2, 4, 1, 3, 5};

  private final Fp2 f;

  /// `frobenius[i] = xi^(e (p - 1) / 6)` where coefficient i stands at `w^e`.
  private final long[][] frobenius;

  // Scratch: t* within an Fp6 operation, u/v/w (three coefficients each) within an Fp12 operation.
  private final long[] t0;
  private final long[] t1;
  private final long[] t2;
  private final long[] t3;
  private final long[] t4;
  private final long[] t5;
  private final long[] t6;
  private final long[][] u;
  private final long[][] v;
  private final long[][] w;

  Fp12(Fp2 f, long[][] frobenius) {
    this.f = f;
    this.frobenius = frobenius;
    t0 = f.zero();
    t1 = f.zero();
    t2 = f.zero();
    t3 = f.zero();
    t4 = f.zero();
    t5 = f.zero();
    t6 = f.zero();
    u = f.zeros(3);
    v = f.zeros(3);
    w = f.zeros(3);
  }

  /// The constants of the Frobenius map, computed once for each curve.
  static long[][] frobeniusConstants(Fp2 f) {
    BigInteger sixth = f.fp.modulus.subtract(BigInteger.ONE).divide(BigInteger.valueOf(6));
    long[][] r = new long[6][];
    for (int i = 0; i < 6; i++) {
      r[i] = f.pow(f.xi(), sixth.multiply(BigInteger.valueOf(POWER_OF_W[i])));
    }
    return r;
  }

  long[][] one() {
    long[][] r = f.zeros(6);
    r[0] = f.one();
    return r;
  }

  long[][] zero() {
    return f.zeros(6);
  }

  void set(long[][] r, long[][] a) {
    for (int i = 0; i < 6; i++) {
      f.set(r[i], a[i]);
    }
  }

  boolean isOne(long[][] a) {
    boolean rest = true;
    for (int i = 1; i < 6; i++) {
      rest &= Field.isZero(a[i]);
    }
    return rest && f.equal(a[0], f.one());
  }

  void mul(long[][] r, long[][] a, long[][] b) {
    sum6(u, a);
    sum6(v, b);
    mul6(w, 0, u, 0, v, 0);
    mul6(u, 0, a, 0, b, 0);
    mul6(v, 0, a, 3, b, 3);
    combine(r);
  }

  /// `(a0 + a1 w)^2 = (a0 + a1)(a0 + v a1) - a0 a1 - v a0 a1 + 2 a0 a1 w`.
  void sqr(long[][] r, long[][] a) {
    mul6(u, 0, a, 0, a, 3);
    sum6(v, a);
    f.addXi(w[0], a[0], a[5]);
    f.sum(w[1], a[1], a[3]);
    f.sum(w[2], a[2], a[4]);
    mul6(w, 0, v, 0, w, 0);
    f.sub(w[0], w[0], u[0]);
    f.mulByXi(t0, u[2]);
    f.sub(r[0], w[0], t0);
    f.linear(r[1], w[1], -1, u[1], -1, u[0]);
    f.linear(r[2], w[2], -1, u[2], -1, u[1]);
    for (int i = 0; i < 3; i++) {
      f.twice(r[i + 3], u[i]);
    }
  }

  /// `r = a (c0 + c3 w + c4 v w)`: the shape of a line on a curve with a D-type twist.
  void mulByLineD(long[][] r, long[][] a, long[] c0, long[] c3, long[] c4) {
    sum6(u, a);
    f.sum(t5, c0, c3);
    mulByTwo(w, u, 0, t5, c4);
    f.mul(u[0], a[0], c0);
    f.mul(u[1], a[1], c0);
    f.mul(u[2], a[2], c0);
    mulByTwo(v, a, 3, c3, c4);
    combine(r);
  }

  /// `r = a (c0 + c1 v + c4 v w)`: the shape of a line on a curve with an M-type twist.
  void mulByLineM(long[][] r, long[][] a, long[] c0, long[] c1, long[] c4) {
    sum6(u, a);
    f.sum(t5, c1, c4);
    mulByTwo(w, u, 0, c0, t5);
    mulByTwo(u, a, 0, c0, c1);
    f.mul(t0, a[5], c4);
    f.mul(v[1], a[3], c4);
    f.mul(v[2], a[4], c4);
    f.mulByXi(v[0], t0);
    combine(r);
  }

  /// The last step of every Karatsuba product: `u` holds the low product, `v` the high one, `w`
  /// that of the sums; `r = u + v v + (w - u - v) w`.
  private void combine(long[][] r) {
    for (int i = 0; i < 3; i++) {
      f.linear(r[i + 3], w[i], -1, u[i], -1, v[i]);
    }
    f.addXi(r[0], u[0], v[2]);
    f.add(r[1], u[1], v[0]);
    f.add(r[2], u[2], v[1]);
  }

  /// The inverse, which in the cyclotomic subgroup equals the conjugate.
  void conjugate(long[][] r, long[][] a) {
    for (int i = 0; i < 3; i++) {
      f.set(r[i], a[i]);
      f.neg(r[i + 3], a[i + 3]);
    }
  }

  /// `1 / (a0 + a1 w) = (a0 - a1 w) / (a0^2 - v a1^2)`.
  void inv(long[][] r, long[][] a) {
    mul6(u, 0, a, 0, a, 0);
    mul6(v, 0, a, 3, a, 3);
    f.mulByXi(t0, v[2]);
    f.sub(u[0], u[0], t0);
    f.sub(u[1], u[1], v[0]);
    f.sub(u[2], u[2], v[1]);
    inv6(w, u);
    mul6(r, 0, a, 0, w, 0);
    mul6(r, 3, a, 3, w, 0);
    for (int i = 3; i < 6; i++) {
      f.neg(r[i], r[i]);
    }
  }

  /// `r = a^(p^times)`: conjugate every coefficient and multiply it by its constant.
  void frobenius(long[][] r, long[][] a, int times) {
    set(r, a);
    for (int t = 0; t < times; t++) {
      f.conjugate(r[0], r[0]);
      for (int i = 1; i < 6; i++) {
        f.conjugate(r[i], r[i]);
        f.mul(r[i], r[i], frobenius[i]);
      }
    }
  }

  /// `a^2` for `a` in the cyclotomic subgroup: three squarings in Fp4, on the coefficient pairs (0,
  /// 4), (3, 2) and (1, 5).
  void cyclotomicSqr(long[][] r, long[][] a) {
    fp4Sqr(u[0], u[1], a[0], a[4]);
    fp4Sqr(v[0], v[1], a[3], a[2]);
    fp4Sqr(w[0], w[1], a[1], a[5]);
    f.mulByXi(t0, w[1]);
    f.linear(r[0], u[0], 2, u[0], -2, a[0]);
    f.linear(r[4], u[1], 2, u[1], 2, a[4]);
    f.linear(r[3], t0, 2, t0, 2, a[3]);
    f.linear(r[2], w[0], 2, w[0], -2, a[2]);
    f.linear(r[1], v[0], 2, v[0], -2, a[1]);
    f.linear(r[5], v[1], 2, v[1], 2, a[5]);
  }

  /// `(x + y s)^2` in `Fp2[s] / (s^2 - xi)`.
  private void fp4Sqr(long[] low, long[] high, long[] x, long[] y) {
    f.sqr(t0, x);
    f.sqr(t1, y);
    f.sum(t2, x, y);
    f.sqr(t2, t2);
    f.linear(high, t2, -1, t0, -1, t1);
    f.addXi(low, t0, t1);
  }

  /// `r = a^e` for `a` in the cyclotomic subgroup. The digits of e are -1, 0, 1, most significant
  /// last; `r` is not `a`.
  void cyclotomicPow(long[][] r, long[][] a, byte[] digits) {
    long[][] inverse = zero();
    conjugate(inverse, a);
    set(r, a);
    for (int i = digits.length - 2; i >= 0; i--) {
      cyclotomicSqr(r, r);
      if (digits[i] != 0) {
        mul(r, r, digits[i] > 0 ? a : inverse);
      }
    }
  }

  /// The sum of both halves, as an operand.
  private void sum6(long[][] r, long[][] a) {
    f.sum(r[0], a[0], a[3]);
    f.sum(r[1], a[1], a[4]);
    f.sum(r[2], a[2], a[5]);
  }

  /// Karatsuba with six multiplications; `r` may be `a` or `b`.
  private void mul6(long[][] r, int ro, long[][] a, int ao, long[][] b, int bo) {
    f.mul(t0, a[ao], b[bo]);
    f.mul(t1, a[ao + 1], b[bo + 1]);
    f.mul(t2, a[ao + 2], b[bo + 2]);
    f.sum(t3, a[ao + 1], a[ao + 2]);
    f.sum(t4, b[bo + 1], b[bo + 2]);
    f.mul(t3, t3, t4);
    f.sum(t4, a[ao], a[ao + 1]);
    f.sum(t5, b[bo], b[bo + 1]);
    f.mul(t4, t4, t5);
    f.sum(t5, a[ao], a[ao + 2]);
    f.sum(t6, b[bo], b[bo + 2]);
    f.mul(t5, t5, t6);
    // r0 = v0 + xi ((a1 + a2)(b1 + b2) - v1 - v2)
    f.linear(t3, t3, -1, t1, -1, t2);
    f.addXi(r[ro], t0, t3);
    // r1 = (a0 + a1)(b0 + b1) - v0 - v1 + xi v2
    f.linear(t4, t4, -1, t0, -1, t1);
    f.addXi(r[ro + 1], t4, t2);
    // r2 = (a0 + a2)(b0 + b2) - v0 - v2 + v1
    f.linear(t5, t5, -1, t0, -1, t2);
    f.add(r[ro + 2], t5, t1);
  }

  /// `r = a (b0 + b1 v)`; `r` is not `a`.
  private void mulByTwo(long[][] r, long[][] a, int ao, long[] b0, long[] b1) {
    f.mul(t0, a[ao], b0);
    f.mul(t1, a[ao + 1], b1);
    f.sum(t2, a[ao + 1], a[ao + 2]);
    f.mul(t2, t2, b1);
    f.sub(t2, t2, t1);
    f.sum(t3, a[ao], a[ao + 1]);
    f.sum(t4, b0, b1);
    f.mul(t3, t3, t4);
    f.sum(t4, a[ao], a[ao + 2]);
    f.mul(t4, t4, b0);
    f.linear(r[2], t4, -1, t0, 1, t1);
    f.linear(r[1], t3, -1, t0, -1, t1);
    f.addXi(r[0], t0, t2);
  }

  private void inv6(long[][] r, long[][] a) {
    f.sqr(t0, a[0]);
    f.mul(t1, a[1], a[2]);
    f.mulByXi(t1, t1);
    f.sub(t0, t0, t1);
    f.sqr(t1, a[2]);
    f.mulByXi(t1, t1);
    f.mul(t2, a[0], a[1]);
    f.sub(t1, t1, t2);
    f.sqr(t2, a[1]);
    f.mul(t3, a[0], a[2]);
    f.sub(t2, t2, t3);
    f.mul(t3, a[2], t1);
    f.mul(t4, a[1], t2);
    f.add(t3, t3, t4);
    f.mulByXi(t3, t3);
    f.mul(t4, a[0], t0);
    f.add(t3, t3, t4);
    f.inv(t3, t3);
    f.mul(r[0], t0, t3);
    f.mul(r[1], t1, t3);
    f.mul(r[2], t2, t3);
  }
}
