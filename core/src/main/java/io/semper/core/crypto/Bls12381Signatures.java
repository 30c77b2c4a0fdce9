package io.semper.core.crypto;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// BLS signatures of the consensus layer: public keys in G1, signatures in G2, proof of possession
/// (draft-irtf-cfrg-bls-signature, ciphersuite `BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_`).
public final class Bls12381Signatures {
  static final String CIPHERSUITE = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
  private static final byte[] DOMAIN = CIPHERSUITE.getBytes(StandardCharsets.US_ASCII);

  private static final int SHA256_BYTES = 32;
  private static final int SHA256_BLOCK_BYTES = 64;

  /// Uniform bytes for one coefficient: 381 bits and 128 more, so that the reduction is unbiased.
  private static final int COEFFICIENT_BYTES = 64;

  /// Two elements of two coefficients each.
  private static final int UNIFORM_BYTES = 4 * COEFFICIENT_BYTES;

  private static final Bls12381Fp FP = Bls12381Fp.INSTANCE;
  private static final long[] TWO_TO_256 = FP.of(BigInteger.ONE.shiftLeft(256));

  private Bls12381Signatures() {}

  /// Whether `signature` is the aggregate of every key's signature of `message`. Keys are
  /// compressed points of 48 bytes, the signature one of 96. False for malformed input, for a key
  /// at infinity, and for no keys at all.
  public static boolean fastAggregateVerify(
      List<byte[]> publicKeys, byte[] message, byte[] signature) {
    Curve g1 = Bls12381.g1();
    if (publicKeys.isEmpty()) {
      return false;
    }
    CurvePoint sum = g1.point();
    for (byte[] key : publicKeys) {
      CurvePoint p = Bls12381Encoding.g1(g1, key);
      if (p == null || p.isInfinity()) {
        return false;
      }
      g1.add(sum, sum, p);
    }
    return verify(g1, sum, message, signature);
  }

  /// `CoreVerify` for a key that is in its subgroup; false if it is infinite.
  static boolean verify(Curve g1, CurvePoint key, byte[] message, byte[] signature) {
    Curve g2 = Bls12381.g2();
    CurvePoint s = Bls12381Encoding.g2(g2, signature);
    if (s == null || s.isInfinity() || key.isInfinity()) {
      return false;
    }
    g1.normalise(key);
    CurvePoint hash = hashToG2(g2, message, DOMAIN);
    // e(key, H(m)) = e(G, s)
    CurvePoint minusG = g1.point();
    g1.neg(minusG, Kzg.generator());
    Bls12381Pairing pairing = new Bls12381Pairing();
    pairing.add(key, hash);
    pairing.add(minusG, s);
    return pairing.productIsOne();
  }

  /// `hash_to_curve` of RFC 9380, 3: two field elements, the sum of their points, cofactor cleared.
  /// The point is affine.
  static CurvePoint hashToG2(Curve g2, byte[] message, byte[] domain) {
    byte[] uniform = expandMessage(message, domain);
    Bls12381Map map = Bls12381Map.toG2(g2);
    CurvePoint sum = g2.point();
    for (int i = 0; i < 2; i++) {
      long[] u = g2.f.zero();
      for (int j = 0; j < 2; j++) {
        readWide(u, j * FP.words, uniform, (2 * i + j) * COEFFICIENT_BYTES);
      }
      g2.add(sum, sum, map.map(u));
    }
    Bls12381Endomorphisms.clearCofactorG2(g2, sum, sum);
    g2.normalise(sum);
    return sum;
  }

  /// 64 bytes as a number mod p: the upper half times 2^256 plus the lower half, both below p.
  private static void readWide(long[] r, int ro, byte[] in, int at) {
    byte[] half = new byte[Bls12381Encoding.G1_BYTES];
    int pad = half.length - SHA256_BYTES;
    System.arraycopy(in, at, half, pad, SHA256_BYTES);
    long[] high = FP.zero();
    FP.read(high, 0, half, 0);
    FP.mul(high, high, TWO_TO_256);
    System.arraycopy(in, at + SHA256_BYTES, half, pad, SHA256_BYTES);
    FP.read(r, ro, half, 0);
    FP.add(r, ro, r, ro, high, 0);
  }

  /// `expand_message_xmd` of RFC 9380, 5.3.1, with SHA-256, to [#UNIFORM_BYTES].
  private static byte[] expandMessage(byte[] message, byte[] domain) {
    ByteArrayOutputStream in = new ByteArrayOutputStream();
    in.writeBytes(new byte[SHA256_BLOCK_BYTES]);
    in.writeBytes(message);
    in.write(UNIFORM_BYTES >>> 8);
    in.write(UNIFORM_BYTES);
    in.write(0);
    writeDomain(in, domain);
    byte[] first = Sha256.hashBytes(in.toByteArray());
    byte[] previous = new byte[SHA256_BYTES];
    byte[] out = new byte[UNIFORM_BYTES];
    for (int i = 1; i <= UNIFORM_BYTES / SHA256_BYTES; i++) {
      byte[] mixed = Arrays.copyOf(first, SHA256_BYTES);
      for (int j = 0; j < SHA256_BYTES; j++) {
        mixed[j] ^= previous[j];
      }
      in.reset();
      in.writeBytes(mixed);
      in.write(i);
      writeDomain(in, domain);
      previous = Sha256.hashBytes(in.toByteArray());
      System.arraycopy(previous, 0, out, (i - 1) * SHA256_BYTES, SHA256_BYTES);
    }
    return out;
  }

  private static void writeDomain(ByteArrayOutputStream out, byte[] domain) {
    out.writeBytes(domain);
    out.write(domain.length);
  }
}
