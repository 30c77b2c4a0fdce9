package io.semper.core.crypto;

import java.util.Arrays;

/// Compressed points as the consensus layer and KZG commitments write them: x, big-endian, with
/// three flags in the top bits of the first byte. 48 bytes for G1; 96 for G2, the imaginary part
/// first.
///
/// An encoding is accepted only if it is the one this point has: the compression flag is set,
/// infinity has no other bit set but its flag, the coordinate is below the prime, and the point is
/// on the curve and in the subgroup.
final class Bls12381Encoding {
  static final int G1_BYTES = 48;
  static final int G2_BYTES = 96;

  private static final int COMPRESSED = 0x80;
  private static final int INFINITY = 0x40;
  private static final int LARGER_Y = 0x20;
  private static final int FLAGS = COMPRESSED | INFINITY | LARGER_Y;

  private static final Bls12381Fp FP = Bls12381Fp.INSTANCE;

  private Bls12381Encoding() {}

  /// The point of G1's curve, known to be of the subgroup by other means, or null.
  static CurvePoint onCurve(Curve g1, byte[] in) {
    return in.length == G1_BYTES ? decompress(g1, in) : null;
  }

  /// The point of G1, or null.
  static CurvePoint g1(Curve g1, byte[] in) {
    CurvePoint p = in.length == G1_BYTES ? decompress(g1, in) : null;
    return p == null || p.isInfinity() || Bls12381Endomorphisms.isInG1(g1, p) ? p : null;
  }

  /// The point of G2, or null.
  static CurvePoint g2(Curve g2, byte[] in) {
    CurvePoint q = in.length == G2_BYTES ? decompress(g2, in) : null;
    return q == null || q.isInfinity() || Bls12381Endomorphisms.isInG2(g2, q) ? q : null;
  }

  private static CurvePoint decompress(Curve curve, byte[] in) {
    int flags = in[0] & FLAGS;
    byte[] x = in.clone();
    x[0] &= (byte) ~FLAGS;
    CurvePoint p = curve.point();
    if ((flags & COMPRESSED) == 0) {
      return null;
    }
    if ((flags & INFINITY) != 0) {
      return flags == (COMPRESSED | INFINITY) && Arrays.equals(x, new byte[x.length]) ? p : null;
    }
    int parts = in.length / G1_BYTES;
    for (int i = 0; i < parts; i++) {
      if (!FP.read(p.x, (parts - 1 - i) * FP.words, x, i * G1_BYTES)) {
        return null;
      }
    }
    curve.setAffine(p);
    long[] square = curve.f.zero();
    curve.rightHandSide(square, p.x);
    if (!curve.f.sqrt(p.y, square)) {
      return null;
    }
    if (isLarger(p.y) != ((flags & LARGER_Y) != 0)) {
      curve.f.neg(p.y, p.y);
    }
    return p;
  }

  /// Whether `a` is the larger of `a` and `-a`, the imaginary part deciding unless it is zero.
  private static boolean isLarger(long[] a) {
    long[] plain = FP.zero();
    for (int at = a.length - FP.words; at >= 0; at -= FP.words) {
      FP.toPlain(plain, a, at);
      if (!Field.isZero(plain)) {
        return FP.isAboveHalf(plain);
      }
    }
    return false;
  }
}
