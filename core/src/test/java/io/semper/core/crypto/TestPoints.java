package io.semper.core.crypto;

import java.math.BigInteger;

/// Plain double and add, to check the fast multiplications against.
final class TestPoints {
  private TestPoints() {}

  static CurvePoint mul(Curve curve, CurvePoint p, BigInteger k) {
    CurvePoint r = curve.point();
    for (int i = k.bitLength() - 1; i >= 0; i--) {
      curve.dbl(r, r);
      if (k.testBit(i)) {
        curve.add(r, r, p);
      }
    }
    return r;
  }
}
