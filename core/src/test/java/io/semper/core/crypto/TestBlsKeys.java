package io.semper.core.crypto;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Makes keys and signatures of the consensus layer.
public final class TestBlsKeys {
  public static final BigInteger ORDER =
      new BigInteger("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16);

  private static final byte[] DOMAIN =
      "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_".getBytes(StandardCharsets.US_ASCII);

  private TestBlsKeys() {}

  public static byte[] publicKey(BigInteger secret) {
    Curve g1 = Bls12381.g1();
    return compress(g1, TestPoints.mul(g1, Kzg.generator(), secret), 48);
  }

  public static byte[] sign(BigInteger secret, byte[] message) {
    Curve g2 = Bls12381.g2();
    CurvePoint hash = Bls12381Signatures.hashToG2(g2, message, DOMAIN);
    return compress(g2, TestPoints.mul(g2, hash, secret), 96);
  }

  static byte[] compress(Curve curve, CurvePoint p, int size) {
    curve.normalise(p);
    byte[] out = new byte[size];
    for (int at = 0; at < size; at += 48) {
      Bls12381Fp.INSTANCE.write(out, at, p.x, (size - 48 - at) / 48 * Bls12381Fp.INSTANCE.words);
    }
    out[0] |= (byte) 0x80;
    BigInteger y = new BigInteger(plain(p.y, p.y.length - Bls12381Fp.INSTANCE.words), 16);
    if (y.signum() == 0) {
      y = new BigInteger(plain(p.y, 0), 16);
    }
    if (y.shiftLeft(1).compareTo(Bls12381Fp.INSTANCE.modulus) > 0) {
      out[0] |= 0x20;
    }
    return out;
  }

  static String plain(long[] a, int at) {
    byte[] out = new byte[48];
    Bls12381Fp.INSTANCE.write(out, 0, a, at);
    return HexFormat.of().formatHex(out);
  }

  /// A point of G2's curve that is not of the subgroup, compressed.
  static byte[] outsideOfTheSubgroup() {
    Curve g2 = Bls12381.g2();
    for (long i = 1; ; i++) {
      long[] u = g2.f.zero();
      u[0] = i;
      CurvePoint p = Bls12381Map.toG2(g2).map(u);
      g2.normalise(p);
      if (!Bls12381Endomorphisms.isInG2(g2, p)) {
        return compress(g2, p, 96);
      }
    }
  }
}
