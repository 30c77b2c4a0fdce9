package io.semper.core.crypto;

import java.math.BigInteger;

/// The curve BLS12-381 as the precompiled contracts of EIP-2537 offer it.
///
/// Every function takes the contract's input and returns its output, or null when the input is
/// invalid (wrong length, a coordinate not below the prime or with padding that is not zero, a
/// point off the curve or, where it matters, outside its subgroup).
///
/// A field element takes 64 bytes, the first 16 of them zero. A point of G1 is x and y; a point of
/// G2 is x and y with the real part of each first; all zeros stand for infinity. Addition does not
/// check for the subgroup, multiplication and pairing do.
///
/// Sums, multiples and pairings are blst's where that library is at hand (pairings in a fifth of
/// the time of plain Java, multiples in a quarter to half of it); everything else is plain Java.
public final class Bls12381 {
  private static final int WORD = 32;
  static final int PADDING = 16;
  static final int FP_BYTES = 64;
  private static final int FP2_BYTES = 2 * FP_BYTES;
  static final int G1_BYTES = 2 * FP_BYTES;
  static final int G2_BYTES = 2 * FP2_BYTES;
  private static final int PAIR_BYTES = G1_BYTES + G2_BYTES;

  static final boolean NATIVE = NativeBlsKeys.isPresent();

  private static final Bls12381Fp FP = Bls12381Fp.INSTANCE;
  private static final BigInteger FOUR = BigInteger.valueOf(4);
  private static final long[] B = FP.of(FOUR);

  /// `4 xi`.
  static final long[] TWIST_B = fp2().of(FOUR, FOUR);

  private Bls12381() {}

  /// The quadratic extension with `xi = 1 + u`.
  static Fp2 fp2() {
    return new Fp2(FP, 1);
  }

  static Curve g1() {
    return new Curve(FP, B);
  }

  static Curve g2() {
    return new Curve(fp2(), TWIST_B);
  }

  static MultiScalar g1Sums(Curve g1) {
    return new MultiScalar(g1, new Bls12381Endomorphisms.G1Split());
  }

  static MultiScalar g2Sums(Curve g2) {
    return new MultiScalar(g2, new Bls12381Endomorphisms.G2Split((Fp2) g2.f));
  }

  /// The sum of two points of G1's curve: 256 bytes to 128. What blst refuses is looked at again: a
  /// point whose x is zero is none to it, because no subgroup has one.
  public static byte[] g1Add(byte[] in) {
    byte[] sum = NATIVE && in.length == 2 * G1_BYTES ? NativeBls12381.g1Add(in) : null;
    return sum == null ? plainG1Add(in) : sum;
  }

  static byte[] plainG1Add(byte[] in) {
    return add(g1(), in);
  }

  /// The sum of two points of G2's curve: 512 bytes to 256.
  public static byte[] g2Add(byte[] in) {
    byte[] sum = NATIVE && in.length == 2 * G2_BYTES ? NativeBls12381.g2Add(in) : null;
    return sum == null ? plainG2Add(in) : sum;
  }

  static byte[] plainG2Add(byte[] in) {
    return add(g2(), in);
  }

  /// A sum of multiples of points of G1: 160 bytes for each point and its 256-bit scalar, at least
  /// one, to 128.
  public static byte[] g1Msm(byte[] in) {
    return useNative(in, G1_BYTES + WORD) ? NativeBls12381.g1Msm(in) : plainG1Msm(in);
  }

  static byte[] plainG1Msm(byte[] in) {
    Curve g1 = g1();
    return msm(g1, g1Sums(g1), in);
  }

  /// A sum of multiples of points of G2: 288 bytes for each point and its 256-bit scalar, at least
  /// one, to 256.
  public static byte[] g2Msm(byte[] in) {
    return useNative(in, G2_BYTES + WORD) ? NativeBls12381.g2Msm(in) : plainG2Msm(in);
  }

  static byte[] plainG2Msm(byte[] in) {
    Curve g2 = g2();
    return msm(g2, g2Sums(g2), in);
  }

  /// Whether the product of the pairings of the given pairs, 384 bytes each and at least one, is
  /// one: a 32-byte word, 1 or 0.
  public static byte[] pairing(byte[] in) {
    return useNative(in, PAIR_BYTES) ? NativeBls12381.pairing(in) : plainPairing(in);
  }

  static byte[] plainPairing(byte[] in) {
    if (in.length == 0 || in.length % PAIR_BYTES != 0) {
      return null;
    }
    Curve g1 = g1();
    Curve g2 = g2();
    Bls12381Pairing pairing = new Bls12381Pairing();
    for (int at = 0; at < in.length; at += PAIR_BYTES) {
      CurvePoint p = readMember(g1, in, at);
      CurvePoint q = p == null ? null : readMember(g2, in, at + G1_BYTES);
      if (q == null) {
        return null;
      }
      pairing.add(p, q);
    }
    byte[] out = new byte[WORD];
    out[WORD - 1] = (byte) (pairing.productIsOne() ? 1 : 0);
    return out;
  }

  /// Input of another shape is plain Java's to refuse.
  private static boolean useNative(byte[] in, int step) {
    return NATIVE && in.length != 0 && in.length % step == 0;
  }

  /// The point of G1 a field element maps to: 64 bytes to 128.
  public static byte[] mapFpToG1(byte[] in) {
    return mapFpToG1(in, NATIVE);
  }

  static byte[] plainMapFpToG1(byte[] in) {
    return mapFpToG1(in, false);
  }

  private static byte[] mapFpToG1(byte[] in, boolean clearNatively) {
    Curve g1 = g1();
    long[] u = g1.f.zero();
    if (in.length != FP_BYTES || !readElement(u, in, 0)) {
      return null;
    }
    CurvePoint p = Bls12381Map.toG1(g1).map(u);
    byte[] cleared = clearNatively ? NativeBls12381.clearCofactorG1(write(g1, p)) : null;
    if (cleared != null) {
      return cleared;
    }
    Bls12381Endomorphisms.clearCofactorG1(g1, p, p);
    return write(g1, p);
  }

  /// The point of G2 an element of the quadratic extension maps to: 128 bytes to 256.
  public static byte[] mapFp2ToG2(byte[] in) {
    Curve g2 = g2();
    long[] u = g2.f.zero();
    if (in.length != FP2_BYTES || !readElement(u, in, 0)) {
      return null;
    }
    CurvePoint p = Bls12381Map.toG2(g2).map(u);
    Bls12381Endomorphisms.clearCofactorG2(g2, p, p);
    return write(g2, p);
  }

  private static byte[] add(Curve curve, byte[] in) {
    int size = pointBytes(curve);
    if (in.length != 2 * size) {
      return null;
    }
    CurvePoint p = read(curve, in, 0);
    CurvePoint q = p == null ? null : read(curve, in, size);
    if (q == null) {
      return null;
    }
    curve.add(p, p, q);
    return write(curve, p);
  }

  private static byte[] msm(Curve curve, MultiScalar sums, byte[] in) {
    int size = pointBytes(curve);
    int step = size + WORD;
    if (in.length == 0 || in.length % step != 0) {
      return null;
    }
    CurvePoint[] points = new CurvePoint[in.length / step];
    long[][] scalars = new long[points.length][];
    for (int i = 0; i < points.length; i++) {
      points[i] = readMember(curve, in, i * step);
      if (points[i] == null) {
        return null;
      }
      scalars[i] = MultiScalar.readScalar(in, i * step + size);
    }
    CurvePoint r = curve.point();
    sums.sum(r, points, scalars);
    return write(curve, r);
  }

  private static int pointBytes(Curve curve) {
    return 2 * elementBytes(curve.f);
  }

  private static int elementBytes(Field f) {
    return f.words / FP.words * FP_BYTES;
  }

  /// Reads a point of the curve; null when there is none.
  private static CurvePoint read(Curve curve, byte[] in, int at) {
    CurvePoint p = curve.point();
    if (!readElement(p.x, in, at) || !readElement(p.y, in, at + elementBytes(curve.f))) {
      return null;
    }
    if (Field.isZero(p.x) && Field.isZero(p.y)) {
      return p;
    }
    curve.setAffine(p);
    return curve.isOnCurve(p) ? p : null;
  }

  /// Reads a point of the subgroup; null when there is none.
  private static CurvePoint readMember(Curve curve, byte[] in, int at) {
    CurvePoint p = read(curve, in, at);
    if (p == null || p.isInfinity()) {
      return p;
    }
    boolean member =
        curve.f instanceof Fp
            ? Bls12381Endomorphisms.isInG1(curve, p)
            : Bls12381Endomorphisms.isInG2(curve, p);
    return member ? p : null;
  }

  private static boolean readElement(long[] r, byte[] in, int at) {
    for (int i = 0; i < r.length / FP.words; i++) {
      int from = at + i * FP_BYTES;
      for (int j = 0; j < PADDING; j++) {
        if (in[from + j] != 0) {
          return false;
        }
      }
      if (!FP.read(r, i * FP.words, in, from + PADDING)) {
        return false;
      }
    }
    return true;
  }

  private static byte[] write(Curve curve, CurvePoint p) {
    byte[] out = new byte[pointBytes(curve)];
    if (!p.isInfinity()) {
      curve.normalise(p);
      writeElement(out, 0, p.x);
      writeElement(out, elementBytes(curve.f), p.y);
    }
    return out;
  }

  private static void writeElement(byte[] out, int at, long[] a) {
    for (int i = 0; i < a.length / FP.words; i++) {
      FP.write(out, at + i * FP_BYTES + PADDING, a, i * FP.words);
    }
  }
}
