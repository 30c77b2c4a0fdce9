package io.semper.core.crypto;

import java.math.BigInteger;
import java.util.Arrays;
import supranational.blst.P1;
import supranational.blst.P1_Affine;
import supranational.blst.P2;
import supranational.blst.P2_Affine;
import supranational.blst.Pairing;
import supranational.blst.Scalar;

/// The contracts of [Bls12381] and the check of [Kzg] through blst's Java binding, where the
/// application brings that library along. Input and output are theirs.
///
/// The binding has neither sums of many multiples, which are added up one by one, nor the maps from
/// field elements. An exception is its way to say that bytes are no point.
final class NativeBls12381 {
  private static final int FP_BYTES = 48;
  private static final int WORD = 32;

  /// Where blst reads flags. A coordinate below the prime leaves them clear.
  private static final int FLAGS = 0xe0;

  /// blst's order of the coordinates, the imaginary part first, as indices of the contracts' order.
  private static final int[] G1_ORDER = {0, 1};

  private static final int[] G2_ORDER = {1, 0, 3, 2};

  /// `1 - z`.
  private static final BigInteger G1_COFACTOR = new BigInteger("d201000000010001", 16);

  private NativeBls12381() {}

  static byte[] g1Add(byte[] in) {
    try {
      byte[] p = plain(in, 0, G1_ORDER);
      byte[] q = plain(in, Bls12381.G1_BYTES, G1_ORDER);
      P1 sum = new P1();
      if (p.length != 0) {
        sum.add(new P1_Affine(p));
      }
      if (q.length != 0) {
        sum.add(new P1_Affine(q));
      }
      return write(sum);
    } catch (RuntimeException noPoint) {
      return null;
    }
  }

  static byte[] g2Add(byte[] in) {
    try {
      byte[] p = plain(in, 0, G2_ORDER);
      byte[] q = plain(in, Bls12381.G2_BYTES, G2_ORDER);
      P2 sum = new P2();
      if (p.length != 0) {
        sum.add(new P2_Affine(p));
      }
      if (q.length != 0) {
        sum.add(new P2_Affine(q));
      }
      return write(sum);
    } catch (RuntimeException noPoint) {
      return null;
    }
  }

  static byte[] g1Msm(byte[] in) {
    try {
      P1 sum = new P1();
      for (int at = 0; at < in.length; at += Bls12381.G1_BYTES + WORD) {
        P1_Affine p = memberOfG1(in, at);
        if (p != null) {
          sum.add(p.to_jacobian().mult(scalar(in, at + Bls12381.G1_BYTES)));
        }
      }
      return write(sum);
    } catch (RuntimeException noPoint) {
      return null;
    }
  }

  static byte[] g2Msm(byte[] in) {
    try {
      P2 sum = new P2();
      for (int at = 0; at < in.length; at += Bls12381.G2_BYTES + WORD) {
        P2_Affine q = memberOfG2(in, at);
        if (q != null) {
          sum.add(q.to_jacobian().mult(scalar(in, at + Bls12381.G2_BYTES)));
        }
      }
      return write(sum);
    } catch (RuntimeException noPoint) {
      return null;
    }
  }

  /// [Bls12381Endomorphisms#clearCofactorG1] of an encoded point, null for those blst refuses.
  static byte[] clearCofactorG1(byte[] point) {
    try {
      byte[] p = plain(point, 0, G1_ORDER);
      return p.length == 0 ? point : write(new P1_Affine(p).to_jacobian().mult(G1_COFACTOR));
    } catch (RuntimeException refused) {
      return null;
    }
  }

  static byte[] pairing(byte[] in) {
    try {
      Pairing product = product();
      boolean any = false;
      for (int at = 0; at < in.length; at += Bls12381.G1_BYTES + Bls12381.G2_BYTES) {
        P1_Affine p = memberOfG1(in, at);
        P2_Affine q = memberOfG2(in, at + Bls12381.G1_BYTES);
        if (p != null && q != null) {
          product.raw_aggregate(q, p);
          any = true;
        }
      }
      byte[] out = new byte[WORD];
      out[WORD - 1] = (byte) (!any || isOne(product) ? 1 : 0);
      return out;
    } catch (RuntimeException noPoint) {
      return null;
    }
  }

  /// [Kzg#verifyProof] for scalars below the order.
  ///
  /// @param minusH the negative of G2's generator
  static boolean verifyProof(
      byte[] commitment, byte[] z, byte[] y, byte[] proof, P2_Affine minusH, P2_Affine tau) {
    try {
      P1_Affine c = new P1_Affine(commitment);
      P1_Affine q = new P1_Affine(proof);
      if (!c.is_inf() && !c.in_group() || !q.is_inf() && !q.in_group()) {
        return false;
      }
      P1 left = P1.generator().mult(new Scalar().from_bendian(y)).neg().add(c);
      Pairing product = product();
      boolean any = false;
      if (!q.is_inf()) {
        left.add(q.to_jacobian().mult(new Scalar().from_bendian(z)));
        product.raw_aggregate(tau, q);
        any = true;
      }
      if (!left.is_inf()) {
        product.raw_aggregate(minusH, left.to_affine());
        any = true;
      }
      return !any || isOne(product);
    } catch (RuntimeException noPoint) {
      return false;
    }
  }

  private static Pairing product() {
    return new Pairing(true, Bls12381Signatures.CIPHERSUITE);
  }

  private static boolean isOne(Pairing product) {
    product.commit();
    return product.as_fp12().final_exp().is_one();
  }

  /// Null for infinity.
  private static P1_Affine memberOfG1(byte[] in, int at) {
    byte[] p = plain(in, at, G1_ORDER);
    if (p.length == 0) {
      return null;
    }
    P1_Affine point = new P1_Affine(p);
    if (!point.in_group()) {
      throw new IllegalArgumentException("not in G1");
    }
    return point;
  }

  /// Null for infinity.
  private static P2_Affine memberOfG2(byte[] in, int at) {
    byte[] q = plain(in, at, G2_ORDER);
    if (q.length == 0) {
      return null;
    }
    P2_Affine point = new P2_Affine(q);
    if (!point.in_group()) {
      throw new IllegalArgumentException("not in G2");
    }
    return point;
  }

  /// A point as blst reads it; nothing for infinity.
  private static byte[] plain(byte[] in, int at, int[] order) {
    byte[] out = new byte[order.length * FP_BYTES];
    int padding = 0;
    int any = 0;
    for (int i = 0; i < order.length; i++) {
      int from = at + order[i] * Bls12381.FP_BYTES;
      int start = from + Bls12381.PADDING;
      for (int j = from; j < start; j++) {
        padding |= in[j];
      }
      padding |= in[start] & FLAGS;
      System.arraycopy(in, start, out, i * FP_BYTES, FP_BYTES);
    }
    if (padding != 0) {
      throw new IllegalArgumentException("not an element of the field");
    }
    for (byte each : out) {
      any |= each;
    }
    return any == 0 ? new byte[0] : out;
  }

  private static BigInteger scalar(byte[] in, int at) {
    return new BigInteger(1, Arrays.copyOfRange(in, at, at + WORD));
  }

  private static byte[] write(P1 p) {
    return p.is_inf() ? new byte[Bls12381.G1_BYTES] : padded(p.serialize(), G1_ORDER);
  }

  private static byte[] write(P2 q) {
    return q.is_inf() ? new byte[Bls12381.G2_BYTES] : padded(q.serialize(), G2_ORDER);
  }

  private static byte[] padded(byte[] point, int[] order) {
    byte[] out = new byte[order.length * Bls12381.FP_BYTES];
    for (int i = 0; i < order.length; i++) {
      int start = order[i] * Bls12381.FP_BYTES + Bls12381.PADDING;
      System.arraycopy(point, i * FP_BYTES, out, start, FP_BYTES);
    }
    return out;
  }
}
