package io.semper.core.crypto;

import java.math.BigInteger;
import java.util.Arrays;

/// The quadratic extension `Fp[u] / (u^2 + 1)`: `a0 + a1 u` is stored as `a0` followed by `a1`.
///
/// An instance owns scratch memory, so it belongs to one thread.
final class Fp2 extends Field {
  final Fp fp;

  /// The sextic non-residue of the tower is `xi = xiReal + u`.
  private final int xiReal;

  private final int n;
  private final long[] s0;
  private final long[] s1;
  private final long[] scratch;

  Fp2(Fp fp, int xiReal) {
    super(2 * fp.words);
    this.fp = fp;
    this.xiReal = xiReal;
    n = fp.words;
    s0 = fp.zero();
    s1 = fp.zero();
    scratch = new long[3 * n];
  }

  @Override
  long[] one() {
    long[] r = zero();
    System.arraycopy(fp.one(), 0, r, 0, n);
    return r;
  }

  @Override
  void add(long[] r, long[] a, long[] b) {
    fp.add(r, 0, a, 0, b, 0);
    fp.add(r, n, a, n, b, n);
  }

  @Override
  void sub(long[] r, long[] a, long[] b) {
    fp.sub(r, 0, a, 0, b, 0);
    fp.sub(r, n, a, n, b, n);
  }

  @Override
  void neg(long[] r, long[] a) {
    fp.neg(r, 0, a, 0);
    fp.neg(r, n, a, n);
  }

  @Override
  void half(long[] r, long[] a) {
    fp.half(r, 0, a, 0);
    fp.half(r, n, a, n);
  }

  @Override
  void mul(long[] r, long[] a, long[] b) {
    fp.mul2(r, a, b, scratch);
  }

  @Override
  void sqr(long[] r, long[] a) {
    fp.sqr2(r, a, scratch);
  }

  /// `r = a + b` as an operand of multiplications alone, where up to four elements may be summed.
  void sum(long[] r, long[] a, long[] b) {
    fp.sum(r, 0, a, 0, b, 0);
    fp.sum(r, n, a, n, b, n);
  }

  /// `r = a + k b + l c` for small factors, at most 10 in all.
  void linear(long[] r, long[] a, int k, long[] b, int l, long[] c) {
    fp.linear(r, 0, a, 0, k, b, 0, l, c, 0);
    fp.linear(r, n, a, n, k, b, n, l, c, n);
  }

  /// `r = a * k` for `k` in the base field.
  void scale(long[] r, long[] a, long[] k) {
    fp.mul(r, 0, a, 0, k, 0);
    fp.mul(r, n, a, n, k, 0);
  }

  void conjugate(long[] r, long[] a) {
    System.arraycopy(a, 0, r, 0, n);
    fp.neg(r, n, a, n);
  }

  /// `r = a * xi`: `(k a0 - a1) + (a0 + k a1) u` where k is 1 or 9.
  void mulByXi(long[] r, long[] a) {
    fp.linear(s0, 0, a, 0, xiReal - 1, a, 0, -1, a, n);
    fp.linear(r, n, a, n, xiReal - 1, a, n, 1, a, 0);
    System.arraycopy(s0, 0, r, 0, n);
  }

  /// `r = a + b * xi`; `r` is not `b`.
  void addXi(long[] r, long[] a, long[] b) {
    fp.linear(r, 0, a, 0, xiReal, b, 0, -1, b, n);
    fp.linear(r, n, a, n, xiReal, b, n, 1, b, 0);
  }

  /// `1 / a = conjugate(a) / norm(a)`.
  @Override
  void inv(long[] r, long[] a) {
    fp.mul(s0, 0, a, 0, a, 0);
    fp.mul(s1, 0, a, n, a, n);
    fp.add(s0, 0, s0, 0, s1, 0);
    fp.inv(s0, 0, s0, 0);
    fp.mul(r, 0, a, 0, s0, 0);
    fp.mul(r, n, a, n, s0, 0);
    fp.neg(r, n, r, n);
  }

  /// The complex method: with `s` a root of the norm, one of `(a0 + s) / 2` and `(a0 - s) / 2` is a
  /// square `x^2`, and the root is `x + a1 / (2x) u`.
  @Override
  boolean sqrt(long[] r, long[] a) {
    long[] a0 = Arrays.copyOf(a, n);
    long[] a1 = Arrays.copyOfRange(a, n, words);
    long[] x = fp.zero();
    if (isZero(a1)) {
      // A root of a0, or of -a0 times u: -1 is not a square, so exactly one exists.
      boolean real = fp.sqrt(x, a0);
      if (!real) {
        fp.neg(a0, a0);
        fp.sqrt(x, a0);
      }
      Arrays.fill(r, 0);
      System.arraycopy(x, 0, r, real ? 0 : n, n);
      return true;
    }
    long[] norm = fp.zero();
    long[] t = fp.zero();
    fp.sqr(norm, a0);
    fp.sqr(t, a1);
    fp.add(norm, norm, t);
    if (!fp.sqrt(norm, norm)) {
      return false;
    }
    fp.add(t, a0, norm);
    fp.half(t, t);
    boolean first = fp.sqrt(x, t);
    fp.twice(t, x);
    fp.inv(t, t);
    fp.mul(t, t, a1);
    // If not, x^2 = -(a0 + s) / 2, and because the two make -(a1 / 2)^2, (a1 / 2x)^2 is the other.
    System.arraycopy(first ? x : t, 0, r, 0, n);
    System.arraycopy(first ? t : x, 0, r, n, n);
    return true;
  }

  /// `a^e` by square and multiply; for constants.
  long[] pow(long[] a, BigInteger e) {
    long[] r = one();
    for (int i = e.bitLength() - 1; i >= 0; i--) {
      sqr(r, r);
      if (e.testBit(i)) {
        mul(r, r, a);
      }
    }
    return r;
  }

  /// The element `a0 + a1 u` of two integers; for constants.
  long[] of(BigInteger a0, BigInteger a1) {
    long[] r = zero();
    System.arraycopy(fp.of(a0), 0, r, 0, n);
    System.arraycopy(fp.of(a1), 0, r, n, n);
    return r;
  }

  long[] xi() {
    return of(BigInteger.valueOf(xiReal), BigInteger.ONE);
  }
}
