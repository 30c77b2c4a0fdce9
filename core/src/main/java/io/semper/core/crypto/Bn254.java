package io.semper.core.crypto;

import java.math.BigInteger;
import java.util.Arrays;

/// The curve alt_bn128 (also called bn254) as the precompiled contracts of EIP-196 and EIP-197
/// offer it: `y^2 = x^3 + 3` over a prime of 254 bits.
///
/// Every function takes the contract's input and returns its output, or null when the input is
/// invalid (a coordinate not below the prime, a point off the curve or outside its subgroup, a
/// wrong length). A point of G1 is 64 bytes, x then y; a point of G2 is 128 bytes, x then y with
/// the imaginary part of each first; all zeros stand for infinity.
public final class Bn254 {
  private static final int WORD = 32;
  private static final int G1_BYTES = 2 * WORD;
  private static final int PAIR_BYTES = 6 * WORD;
  private static final int ADD_INPUT_BYTES = 2 * G1_BYTES;
  private static final int MUL_INPUT_BYTES = G1_BYTES + WORD;

  private static final Bn254Fp FP = Bn254Fp.INSTANCE;
  private static final long[] B = FP.of(BigInteger.valueOf(3));

  private Bn254() {}

  /// The quadratic extension with `xi = 9 + u`.
  static Fp2 fp2() {
    return new Fp2(FP, 9);
  }

  static Curve curve() {
    return new Curve(FP, B);
  }

  /// The sum of two points of G1 (EIP-196). Input beyond 128 bytes is ignored, missing bytes are
  /// zero.
  ///
  /// @return 64 bytes, or null
  public static byte[] add(byte[] in) {
    byte[] input = Arrays.copyOf(in, ADD_INPUT_BYTES);
    Curve curve = curve();
    CurvePoint p = readG1(curve, input, 0);
    CurvePoint q = readG1(curve, input, G1_BYTES);
    if (p == null || q == null) {
      return null;
    }
    curve.add(p, p, q);
    return writeG1(curve, p);
  }

  /// A point of G1 times a scalar of any 256 bits (EIP-196). Input beyond 96 bytes is ignored,
  /// missing bytes are zero.
  ///
  /// @return 64 bytes, or null
  public static byte[] mul(byte[] in) {
    byte[] input = Arrays.copyOf(in, MUL_INPUT_BYTES);
    Curve curve = curve();
    CurvePoint p = readG1(curve, input, 0);
    if (p == null) {
      return null;
    }
    CurvePoint r = curve.point();
    new MultiScalar(curve, new Bn254Split()).mul(r, p, MultiScalar.readScalar(input, G1_BYTES));
    return writeG1(curve, r);
  }

  /// Whether the product of the pairings of the given pairs, each a point of G1 and one of G2, is
  /// one (EIP-197). No pairs at all make the product one.
  ///
  /// @return a 32-byte word, 1 or 0; or null
  public static byte[] pairing(byte[] in) {
    if (in.length % PAIR_BYTES != 0) {
      return null;
    }
    Curve curve = curve();
    Curve twist = Bn254Pairing.twist();
    Bn254Pairing pairing = new Bn254Pairing();
    for (int at = 0; at < in.length; at += PAIR_BYTES) {
      CurvePoint p = readG1(curve, in, at);
      CurvePoint q = p == null ? null : readG2(twist, in, at + G1_BYTES);
      if (q == null) {
        return null;
      }
      pairing.add(p, q);
    }
    byte[] out = new byte[WORD];
    out[WORD - 1] = (byte) (pairing.productIsOne() ? 1 : 0);
    return out;
  }

  private static CurvePoint readG1(Curve curve, byte[] in, int at) {
    CurvePoint p = curve.point();
    if (!FP.read(p.x, 0, in, at) || !FP.read(p.y, 0, in, at + WORD)) {
      return null;
    }
    if (Field.isZero(p.x) && Field.isZero(p.y)) {
      return p;
    }
    curve.setAffine(p);
    return curve.isOnCurve(p) ? p : null;
  }

  private static CurvePoint readG2(Curve twist, byte[] in, int at) {
    CurvePoint q = twist.point();
    if (!FP.read(q.x, FP.words, in, at)
        || !FP.read(q.x, 0, in, at + WORD)
        || !FP.read(q.y, FP.words, in, at + 2 * WORD)
        || !FP.read(q.y, 0, in, at + 3 * WORD)) {
      return null;
    }
    if (Field.isZero(q.x) && Field.isZero(q.y)) {
      return q;
    }
    twist.setAffine(q);
    return twist.isOnCurve(q) && Bn254Pairing.isInSubgroup(twist, q) ? q : null;
  }

  private static byte[] writeG1(Curve curve, CurvePoint p) {
    byte[] out = new byte[G1_BYTES];
    if (!p.isInfinity()) {
      curve.normalise(p);
      FP.write(out, 0, p.x, 0);
      FP.write(out, WORD, p.y, 0);
    }
    return out;
  }
}
