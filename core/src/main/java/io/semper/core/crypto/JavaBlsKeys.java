package io.semper.core.crypto;

import java.util.Arrays;

/// Keys of a committee in plain Java.
final class JavaBlsKeys implements BlsKeys {
  private final byte[] publicKeys;
  private final byte[] aggregate;

  /// Decompressed when first needed; the last one is the aggregate. Guarded by this.
  private final CurvePoint[] points;

  JavaBlsKeys(byte[] publicKeys, byte[] aggregate) {
    this.publicKeys = publicKeys;
    this.aggregate = aggregate;
    points = new CurvePoint[publicKeys.length / Bls12381Encoding.G1_BYTES + 1];
  }

  @Override
  public boolean verify(boolean subtract, int[] members, byte[] message, byte[] signature) {
    Curve g1 = Bls12381.g1();
    CurvePoint sum = sum(g1, subtract, members);
    return sum != null && Bls12381Signatures.verify(g1, sum, message, signature);
  }

  private synchronized CurvePoint sum(Curve g1, boolean subtract, int[] members) {
    CurvePoint sum = g1.point();
    if (subtract) {
      CurvePoint all = point(g1, points.length - 1);
      if (all == null) {
        return null;
      }
      g1.set(sum, all);
    }
    for (int member : members) {
      CurvePoint p = point(g1, member);
      if (p == null) {
        return null;
      }
      if (subtract) {
        g1.subAffine(sum, sum, p);
      } else {
        g1.add(sum, sum, p);
      }
    }
    return sum;
  }

  private CurvePoint point(Curve g1, int index) {
    if (points[index] == null) {
      int from = index * Bls12381Encoding.G1_BYTES;
      byte[] key =
          index == points.length - 1
              ? aggregate
              : Arrays.copyOfRange(publicKeys, from, from + Bls12381Encoding.G1_BYTES);
      CurvePoint p = Bls12381Encoding.onCurve(g1, key);
      points[index] = p == null || p.isInfinity() ? null : p;
    }
    return points[index];
  }
}
