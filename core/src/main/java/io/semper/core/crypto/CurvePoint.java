package io.semper.core.crypto;

/// A mutable point in Jacobian coordinates: `(x / z^2, y / z^3)`, or the point at infinity when `z`
/// is zero. It is called affine while `z` is one.
final class CurvePoint {
  final long[] x;
  final long[] y;
  final long[] z;

  CurvePoint(Field f) {
    x = f.zero();
    y = f.zero();
    z = f.zero();
  }

  boolean isInfinity() {
    return Field.isZero(z);
  }
}
