package io.semper.core.crypto;

import java.util.Arrays;

/// Arithmetic of `y^2 = x^3 + b` over a [Field], in Jacobian coordinates.
///
/// Formulas by their names in the Explicit-Formulas Database (shortw, a = 0): doubling
/// `dbl-2009-l`, addition `add-2007-bl`, mixed addition `madd-2007-bl`. They are incomplete, so
/// equal, opposite and infinite operands are told apart first; none of this needs to run in
/// constant time because every point and scalar that comes here is public.
///
/// An instance owns scratch memory, so it belongs to one thread.
final class Curve {
  final Field f;
  final long[] b;
  private final long[] one;
  private final long[] t0;
  private final long[] t1;
  private final long[] t2;
  private final long[] t3;
  private final long[] t4;
  private final long[] t5;
  private final long[] t6;

  Curve(Field f, long[] b) {
    this.f = f;
    this.b = b;
    one = f.one();
    t0 = f.zero();
    t1 = f.zero();
    t2 = f.zero();
    t3 = f.zero();
    t4 = f.zero();
    t5 = f.zero();
    t6 = f.zero();
  }

  CurvePoint point() {
    return new CurvePoint(f);
  }

  CurvePoint[] points(int count) {
    CurvePoint[] r = new CurvePoint[count];
    for (int i = 0; i < count; i++) {
      r[i] = point();
    }
    return r;
  }

  void set(CurvePoint r, CurvePoint p) {
    f.set(r.x, p.x);
    f.set(r.y, p.y);
    f.set(r.z, p.z);
  }

  void setInfinity(CurvePoint r) {
    for (int i = 0; i < f.words; i++) {
      r.z[i] = 0;
    }
  }

  /// Turns coordinates just filled in into a finite point.
  void setAffine(CurvePoint r) {
    f.set(r.z, one);
  }

  void neg(CurvePoint r, CurvePoint p) {
    f.set(r.x, p.x);
    f.neg(r.y, p.y);
    f.set(r.z, p.z);
  }

  /// Whether an affine point satisfies the equation.
  boolean isOnCurve(CurvePoint p) {
    rightHandSide(t0, p.x);
    f.sqr(t1, p.y);
    return f.equal(t0, t1);
  }

  /// `r = x^3 + b`; `r` is not `x`.
  void rightHandSide(long[] r, long[] x) {
    f.sqr(r, x);
    f.mul(r, r, x);
    f.add(r, r, b);
  }

  /// Whether two representations name one point.
  boolean equal(CurvePoint p, CurvePoint q) {
    if (p.isInfinity() || q.isInfinity()) {
      return p.isInfinity() && q.isInfinity();
    }
    f.sqr(t0, p.z);
    f.sqr(t1, q.z);
    f.mul(t2, p.x, t1);
    f.mul(t3, q.x, t0);
    if (!f.equal(t2, t3)) {
      return false;
    }
    f.mul(t0, t0, p.z);
    f.mul(t1, t1, q.z);
    f.mul(t2, p.y, t1);
    f.mul(t3, q.y, t0);
    return f.equal(t2, t3);
  }

  /// `r = 2 p` by dbl-2009-l.
  void dbl(CurvePoint r, CurvePoint p) {
    f.sqr(t0, p.x);
    f.sqr(t1, p.y);
    f.sqr(t2, t1);
    f.add(t3, p.x, t1);
    f.sqr(t3, t3);
    f.sub(t3, t3, t0);
    f.sub(t3, t3, t2);
    f.twice(t3, t3);
    f.twice(t4, t0);
    f.add(t4, t4, t0);
    f.mul(t5, p.y, p.z);
    f.twice(r.z, t5);
    f.sqr(t5, t4);
    f.sub(t5, t5, t3);
    f.sub(r.x, t5, t3);
    f.sub(t3, t3, r.x);
    f.mul(t3, t3, t4);
    f.twice(t2, t2);
    f.twice(t2, t2);
    f.twice(t2, t2);
    f.sub(r.y, t3, t2);
  }

  /// `r = p + q`, mixed when `q` is affine.
  void add(CurvePoint r, CurvePoint p, CurvePoint q) {
    if (p.isInfinity()) {
      set(r, q);
    } else if (q.isInfinity()) {
      set(r, p);
    } else if (Arrays.equals(q.z, one)) {
      addAffine(r, p, q.x, q.y);
    } else {
      addJacobian(r, p, q);
    }
  }

  /// `r = p - q` for an affine `q`.
  void subAffine(CurvePoint r, CurvePoint p, CurvePoint q) {
    f.neg(t6, q.y);
    if (p.isInfinity()) {
      f.set(r.x, q.x);
      f.set(r.y, t6);
      setAffine(r);
    } else {
      addAffine(r, p, q.x, t6);
    }
  }

  /// madd-2007-bl; `qy` may be `t6`.
  private void addAffine(CurvePoint r, CurvePoint p, long[] qx, long[] qy) {
    f.sqr(t0, p.z);
    f.mul(t1, qx, t0);
    f.mul(t2, qy, p.z);
    f.mul(t2, t2, t0);
    f.sub(t1, t1, p.x);
    f.sub(t2, t2, p.y);
    if (Field.isZero(t1)) {
      coincident(r, p, t2);
      return;
    }
    // t0 = Z1Z1, t1 = H, t2 = S2 - Y1
    f.sqr(t3, t1);
    f.add(t4, p.z, t1);
    f.sqr(t4, t4);
    f.sub(t4, t4, t0);
    f.sub(r.z, t4, t3);
    f.twice(t3, t3);
    f.twice(t3, t3);
    f.mul(t4, t1, t3);
    f.twice(t2, t2);
    f.mul(t3, p.x, t3);
    finishAddition(r, p.y);
  }

  /// add-2007-bl.
  private void addJacobian(CurvePoint r, CurvePoint p, CurvePoint q) {
    f.sqr(t0, p.z);
    f.sqr(t1, q.z);
    f.mul(t3, p.x, t1);
    f.mul(t4, q.x, t0);
    f.mul(t5, p.y, q.z);
    f.mul(t5, t5, t1);
    f.mul(t2, q.y, p.z);
    f.mul(t2, t2, t0);
    f.sub(t4, t4, t3);
    f.sub(t2, t2, t5);
    if (Field.isZero(t4)) {
      coincident(r, p, t2);
      return;
    }
    // t3 = U1, t4 = H, t5 = S1, t2 = S2 - S1
    f.add(t6, p.z, q.z);
    f.sqr(t6, t6);
    f.sub(t6, t6, t0);
    f.sub(t6, t6, t1);
    f.mul(r.z, t6, t4);
    f.twice(t0, t4);
    f.sqr(t0, t0);
    f.mul(t3, t3, t0);
    f.mul(t4, t4, t0);
    f.twice(t2, t2);
    finishAddition(r, t5);
  }

  /// The common end of both additions, with r = t2, V = t3, J = t4: `X3 = r^2 - J - 2 V`, `Y3 = r
  /// (V - X3) - 2 y1 J`. `y1` may be `t5`.
  private void finishAddition(CurvePoint r, long[] y1) {
    f.mul(t0, y1, t4);
    f.twice(t0, t0);
    f.sqr(t5, t2);
    f.sub(t5, t5, t4);
    f.sub(t5, t5, t3);
    f.sub(r.x, t5, t3);
    f.sub(t3, t3, r.x);
    f.mul(t3, t3, t2);
    f.sub(r.y, t3, t0);
  }

  /// The sum of two points with the same x: a doubling if the y agree, otherwise infinity.
  private void coincident(CurvePoint r, CurvePoint p, long[] differenceOfY) {
    if (Field.isZero(differenceOfY)) {
      dbl(r, p);
    } else {
      setInfinity(r);
    }
  }

  /// `r = k p` by double and add, for short or sparse constants; `r` is not `p`.
  void mul(CurvePoint r, CurvePoint p, long k) {
    setInfinity(r);
    for (int i = 63 - Long.numberOfLeadingZeros(k); i >= 0; i--) {
      dbl(r, r);
      if ((k >>> i & 1) != 0) {
        add(r, r, p);
      }
    }
  }

  /// Scales every finite point to `z = 1`, sharing one inversion among all of them (Montgomery's
  /// trick).
  void normalise(CurvePoint[] points) {
    long[][] prefix = f.zeros(points.length);
    long[] acc = f.one();
    for (int i = 0; i < points.length; i++) {
      f.set(prefix[i], acc);
      if (!points[i].isInfinity()) {
        f.mul(acc, acc, points[i].z);
      }
    }
    f.inv(acc, acc);
    for (int i = points.length - 1; i >= 0; i--) {
      CurvePoint p = points[i];
      if (!p.isInfinity()) {
        f.mul(t0, acc, prefix[i]);
        f.mul(acc, acc, p.z);
        scale(p, t0);
      }
    }
  }

  void normalise(CurvePoint p) {
    if (!p.isInfinity() && !Arrays.equals(p.z, one)) {
      f.inv(t0, p.z);
      scale(p, t0);
    }
  }

  private void scale(CurvePoint p, long[] zInverse) {
    f.sqr(t1, zInverse);
    f.mul(p.x, p.x, t1);
    f.mul(t1, t1, zInverse);
    f.mul(p.y, p.y, t1);
    f.set(p.z, one);
  }
}
