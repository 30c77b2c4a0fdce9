package io.semper.core.crypto;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A product of optimal ate pairings `e(P1, Q1) e(P2, Q2) ...`, with the squarings of the Miller
/// loop and the final exponentiation shared by all pairs.
///
/// **Miller loop.** Each pair keeps a running multiple `T` of its `Q` in homogeneous projective
/// coordinates on the twist (`x = X / Z`, `y = Y / Z`); a doubling or addition step moves `T` and
/// yields the line through the points involved, in three coefficients over Fp2. The formulas are
/// those of Costello, Lange and Naehrig (2010) in the form of Aranha, Karabina, Longa, Gebotys and
/// López, "Faster explicit formulas for computing pairings over ordinary curves" (2011). A line has
/// only three non-zero coefficients in Fp12, and factors in subfields vanish in the final
/// exponentiation, so lines are used up to such factors.
///
/// **Final exponentiation** to `(p^12 - 1) / r`: the part `(p^6 - 1)(p^2 + 1)` is a conjugate, an
/// inversion and a Frobenius map; afterwards the value is in the cyclotomic subgroup, where
/// squaring is cheap and inversion free. The remaining "hard part" depends on the curve's family.
///
/// What the two curves do not share, the loop itself, the shape of a line and the hard part, is in
/// the subclasses. An instance belongs to one thread and one product.
abstract sealed class Pairing permits Bn254Pairing, Bls12381Pairing {
  final Fp2 f;
  final Fp12 f12;
  final List<Pair> pairs = new ArrayList<>();

  /// Three times the constant b of the twist.
  private final long[] tripleB;

  // The line of the latest step: `lineX` belongs to the x of P, `lineY` to its y.
  final long[] lineConstant;
  final long[] lineX;
  final long[] lineY;

  private final long[] a;
  private final long[] b;
  private final long[] c;
  private final long[] d;
  private final long[] e;
  private final long[] g;

  Pairing(Fp2 f, long[][] frobenius, long[] twistB) {
    this.f = f;
    tripleB = f.zero();
    f.linear(tripleB, twistB, 1, twistB, 1, twistB);
    f12 = new Fp12(f, frobenius);
    lineConstant = f.zero();
    lineX = f.zero();
    lineY = f.zero();
    a = f.zero();
    b = f.zero();
    c = f.zero();
    d = f.zero();
    e = f.zero();
    g = f.zero();
  }

  /// One factor of the product and the state of its loop.
  static final class Pair {
    final long[] px;
    final long[] py;
    final CurvePoint q;
    final CurvePoint minusQ;
    final CurvePoint t;

    Pair(Fp2 f, CurvePoint p, CurvePoint q) {
      px = p.x;
      py = p.y;
      this.q = q;
      minusQ = new CurvePoint(f);
      f.set(minusQ.x, q.x);
      f.neg(minusQ.y, q.y);
      t = new CurvePoint(f);
      f.set(t.x, q.x);
      f.set(t.y, q.y);
      f.set(t.z, f.one());
    }
  }

  /// Adds a factor. Both points are in their subgroups and affine or infinite; an infinite one
  /// contributes the factor one.
  final void add(CurvePoint p, CurvePoint q) {
    if (!p.isInfinity() && !q.isInfinity()) {
      pairs.add(new Pair(f, p, q));
    }
  }

  /// Whether the product of the pairings added so far is one.
  final boolean productIsOne() {
    return f12.isOne(product());
  }

  final long[][] product() {
    if (pairs.isEmpty()) {
      return f12.one();
    }
    long[][] m = millerLoop();
    long[][] r = f12.zero();
    long[][] s = f12.zero();
    f12.conjugate(r, m);
    f12.inv(s, m);
    f12.mul(r, r, s);
    f12.frobenius(s, r, 2);
    f12.mul(r, r, s);
    return hardPart(r);
  }

  abstract long[][] millerLoop();

  /// Raises an element of the cyclotomic subgroup to (a multiple prime to r of) `(p^4 - p^2 + 1) /
  /// r`.
  abstract long[][] hardPart(long[][] m);

  /// Multiplies `m` by the line of the latest step, taken at the pair's P.
  abstract void mulByLine(long[][] m, Pair pair);

  /// The part of the Miller loop that both curves share: squarings of the accumulator, a doubling
  /// step for each digit and an addition step for each that is not zero. The digits are -1, 0, 1,
  /// most significant last.
  final long[][] loop(byte[] digits) {
    long[][] m = f12.one();
    for (int i = digits.length - 2; i >= 0; i--) {
      f12.sqr(m, m);
      for (Pair pair : pairs) {
        doublingStep(pair.t);
        mulByLine(m, pair);
        if (digits[i] != 0) {
          additionStep(pair.t, digits[i] > 0 ? pair.q : pair.minusQ);
          mulByLine(m, pair);
        }
      }
    }
    return m;
  }

  /// `T = 2 T` and the tangent at T.
  private void doublingStep(CurvePoint t) {
    f.mul(a, t.x, t.y);
    f.half(a, a);
    f.sqr(b, t.y);
    f.sqr(c, t.z);
    f.mul(e, tripleB, c);
    f.linear(d, e, 1, e, 1, e);
    f.sum(g, t.y, t.z);
    f.sqr(g, g);
    f.linear(g, g, -1, b, -1, c);
    // a = XY/2, b = Y^2, e = 3b'Z^2, d = 3e, g = 2YZ
    f.neg(lineY, g);
    f.sqr(c, t.x);
    f.linear(lineX, c, 1, c, 1, c);
    f.sub(lineConstant, e, b);
    f.sub(c, b, d);
    f.mul(t.x, a, c);
    f.add(c, b, d);
    f.half(c, c);
    f.sqr(c, c);
    f.sqr(e, e);
    f.linear(a, e, 1, e, 1, e);
    f.sub(t.y, c, a);
    f.mul(t.z, b, g);
  }

  /// `T = T + Q` for an affine Q and the line through both.
  final void additionStep(CurvePoint t, CurvePoint q) {
    f.mul(a, q.y, t.z);
    f.sub(a, t.y, a);
    f.mul(b, q.x, t.z);
    f.sub(b, t.x, b);
    // a = theta = Y - yZ, b = lambda = X - xZ
    f.neg(lineX, a);
    f.set(lineY, b);
    f.mul(lineConstant, a, q.x);
    f.mul(c, b, q.y);
    f.sub(lineConstant, lineConstant, c);
    f.sqr(c, a);
    f.mul(c, c, t.z);
    f.sqr(d, b);
    f.mul(e, b, d);
    f.mul(d, t.x, d);
    // c = Z theta^2, d = X lambda^2, e = lambda^3; g = e + c - 2d
    f.linear(g, e, 1, c, -2, d);
    f.mul(t.x, b, g);
    f.sub(d, d, g);
    f.mul(d, d, a);
    f.mul(c, e, t.y);
    f.sub(t.y, d, c);
    f.mul(t.z, t.z, e);
  }

  /// The digits of a positive number in non-adjacent form, least significant first.
  static byte[] signedDigits(BigInteger k) {
    byte[] digits = new byte[k.bitLength() + 1];
    BigInteger rest = k;
    int length = 0;
    while (rest.signum() != 0) {
      if (rest.testBit(0)) {
        digits[length] = (byte) (rest.testBit(1) ? -1 : 1);
        rest = rest.subtract(BigInteger.valueOf(digits[length]));
      }
      rest = rest.shiftRight(1);
      length++;
    }
    return Arrays.copyOf(digits, length);
  }
}
