package io.semper.core.crypto;

import java.util.HexFormat;
import supranational.blst.P2;
import supranational.blst.P2_Affine;

/// KZG commitments to blobs, as far as a transaction can ask about them (EIP-4844).
///
/// A commitment is `[p(tau)]G1` for a polynomial p and a secret tau that nobody knows. A proof that
/// `p(z) = y` is `[q(tau)]G1` for `q = (p - y) / (x - z)`. It holds if `e(C - yG, H) = e(proof, tau
/// H - zH)` with the generators G and H; moving z to the other side leaves pairings with two points
/// of G2 that are both known in advance, `e(C - yG + z proof, -H) e(proof, tau H) = 1`.
public final class Kzg {
  private static final int SCALAR_BYTES = 32;
  private static final int VERSION_KZG = 0x01;

  /// The generators, compressed.
  private static final byte[] G =
      hex(
          "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905"
              + "a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb");

  private static final byte[] H =
      hex(
          "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049"
              + "334cf11213945d57e5ac7d055d042b7e024aa2b2f08f0a91260805272dc51051"
              + "c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8");

  /// `[tau]G2` of Ethereum's KZG ceremony: the second monomial point of G2 in the trusted setup
  /// that the consensus specification publishes (presets/mainnet/trusted_setups).
  private static final byte[] TAU_H =
      hex(
          "b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d"
              + "2914e5870cb452d2afaaab24f3499f72185cbfee53492714734429b7b38608e2"
              + "3926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2");

  private Kzg() {}

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  /// The generator of G1; not to be modified.
  static CurvePoint generator() {
    return Setup.GENERATOR;
  }

  /// The negative of G2's generator; not to be modified.
  static CurvePoint minusH() {
    return Setup.MINUS_H;
  }

  /// The points every verification uses, decoded once.
  private static final class Setup {
    static final CurvePoint GENERATOR = Bls12381Encoding.g1(Bls12381.g1(), G);
    static final CurvePoint MINUS_H = minusH();
    static final CurvePoint TAU = Bls12381Encoding.g2(Bls12381.g2(), TAU_H);

    private static CurvePoint minusH() {
      Curve g2 = Bls12381.g2();
      CurvePoint h = Bls12381Encoding.g2(g2, H);
      g2.neg(h, h);
      return h;
    }
  }

  /// The same for blst.
  private static final class NativeSetup {
    static final P2_Affine MINUS_H = new P2(H).neg().to_affine();
    static final P2_Affine TAU = new P2_Affine(TAU_H);
  }

  /// Whether `proof` shows that the polynomial behind `commitment` takes the value `y` at `z`.
  /// False also for malformed input: points are 48 bytes, compressed; `z` and `y` are 32 bytes,
  /// big-endian and below the order of the group.
  public static boolean verifyProof(byte[] commitment, byte[] z, byte[] y, byte[] proof) {
    if (z.length != SCALAR_BYTES || y.length != SCALAR_BYTES) {
      return false;
    }
    long[] zScalar = MultiScalar.readScalar(z, 0);
    long[] yScalar = MultiScalar.readScalar(y, 0);
    if (!Bls12381Endomorphisms.isBelowOrder(zScalar)
        || !Bls12381Endomorphisms.isBelowOrder(yScalar)) {
      return false;
    }
    if (commitment.length != Bls12381Encoding.G1_BYTES || proof.length != commitment.length) {
      return false;
    }
    return Bls12381.NATIVE
        ? NativeBls12381.verifyProof(commitment, z, y, proof, NativeSetup.MINUS_H, NativeSetup.TAU)
        : verifyPlain(commitment, zScalar, yScalar, proof);
  }

  static boolean verifyPlain(byte[] commitment, long[] zScalar, long[] yScalar, byte[] proof) {
    Curve g1 = Bls12381.g1();
    CurvePoint c = Bls12381Encoding.g1(g1, commitment);
    CurvePoint q = c == null ? null : Bls12381Encoding.g1(g1, proof);
    if (q == null) {
      return false;
    }
    CurvePoint minusG = g1.point();
    g1.neg(minusG, Setup.GENERATOR);
    CurvePoint left = g1.point();
    Bls12381.g1Sums(g1).sum(left, new CurvePoint[] {minusG, q}, new long[][] {yScalar, zScalar});
    g1.add(left, left, c);
    g1.normalise(left);
    Bls12381Pairing pairing = new Bls12381Pairing();
    pairing.add(left, Setup.MINUS_H);
    pairing.add(q, Setup.TAU);
    return pairing.productIsOne();
  }

  /// The versioned hash of a commitment: its SHA-256 with the first byte replaced by the version.
  ///
  /// @return 32 bytes
  public static byte[] versionedHash(byte[] commitment) {
    byte[] hash = Sha256.hashBytes(commitment);
    hash[0] = VERSION_KZG;
    return hash;
  }
}
