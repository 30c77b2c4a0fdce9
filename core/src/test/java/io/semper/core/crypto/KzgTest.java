package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// EIP-4844 point evaluation.
class KzgTest {
  private static final BigInteger R =
      new BigInteger("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16);
  private static final byte[] INFINITY = Bytes.fixed(BigInteger.valueOf(0xc0).shiftLeft(376), 48);
  private static final byte[] GENERATOR =
      Bytes.hex(
          "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905"
              + "a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb");

  /// As the library, if there is one, and plain Java have it, which is the same.
  private static boolean verify(byte[] commitment, byte[] z, byte[] y, byte[] proof) {
    boolean valid = Kzg.verifyProof(commitment, z, y, proof);
    boolean reduced = z.length == 32 && y.length == 32 && below(z) && below(y);
    assertThat(valid)
        .isEqualTo(
            reduced
                && Kzg.verifyPlain(
                    commitment, MultiScalar.readScalar(z, 0), MultiScalar.readScalar(y, 0), proof));
    return valid;
  }

  private static boolean below(byte[] scalar) {
    return new BigInteger(1, scalar).compareTo(R) < 0;
  }

  /// What is no encoding of a member proves nothing.
  @Test
  void malformedPointsProveNothing() {
    byte[] zero = scalar(BigInteger.ZERO);
    byte[] one = scalar(BigInteger.ONE);
    for (int flags : new int[] {0x00, 0x20, 0x40, 0x60, 0xa0, 0xc0, 0xe0}) {
      byte[] changed = GENERATOR.clone();
      changed[0] = (byte) (changed[0] & 0x1f | flags);
      assertThat(verify(changed, zero, one, INFINITY)).as("flags %x", flags).isFalse();
      assertThat(verify(GENERATOR, zero, one, changed)).as("flags %x", flags).isFalse();
    }
    for (int x = 0; x < 20; x++) {
      byte[] small = Bytes.fixed(BigInteger.valueOf(x), 48);
      small[0] |= (byte) 0x80;
      assertThat(verify(small, zero, one, INFINITY)).isFalse();
    }
    byte[] dirtyInfinity = INFINITY.clone();
    dirtyInfinity[47] = 1;
    assertThat(verify(GENERATOR, zero, one, dirtyInfinity)).isFalse();
    assertThat(verify(Arrays.copyOf(GENERATOR, 47), zero, one, INFINITY)).isFalse();
    assertThat(verify(Bytes.concat(GENERATOR, zero), zero, one, INFINITY)).isFalse();
  }

  /// The contract's input: versioned hash, z, y, commitment, proof.
  @Test
  void publishedVectors() {
    List<PrecompileVectors.Vector> vectors = PrecompileVectors.read("pointEvaluation");
    assertThat(vectors).isNotEmpty();
    for (PrecompileVectors.Vector vector : vectors) {
      byte[] in = vector.input();
      byte[] z = Arrays.copyOfRange(in, 32, 64);
      byte[] y = Arrays.copyOfRange(in, 64, 96);
      byte[] commitment = Arrays.copyOfRange(in, 96, 144);
      byte[] proof = Arrays.copyOfRange(in, 144, 192);
      assertThat(Kzg.versionedHash(commitment)).isEqualTo(Arrays.copyOf(in, 32));
      assertThat(verify(commitment, z, y, proof)).isTrue();
      assertThat(verify(commitment, y, z, proof)).isFalse();
      assertThat(verify(proof, z, y, commitment)).isFalse();
      assertThat(verify(commitment, z, plusOne(y), proof)).isFalse();
      assertThat(verify(commitment, plusOne(z), y, proof)).isFalse();
    }
  }

  /// The constant polynomial c: its commitment is cG, its value c everywhere, its quotient zero.
  @Test
  void constantPolynomials() {
    byte[] one = scalar(BigInteger.ONE);
    for (BigInteger z : List.of(BigInteger.ZERO, BigInteger.TEN, R.subtract(BigInteger.ONE))) {
      assertThat(verify(GENERATOR, scalar(z), one, INFINITY)).isTrue();
      assertThat(verify(GENERATOR, scalar(z), scalar(BigInteger.TWO), INFINITY)).isFalse();
      assertThat(verify(INFINITY, scalar(z), scalar(BigInteger.ZERO), INFINITY)).isTrue();
    }
  }

  @Test
  void scalarsMustBeReduced() {
    byte[] one = scalar(BigInteger.ONE);
    byte[] zero = scalar(BigInteger.ZERO);
    assertThat(verify(GENERATOR, zero, one, INFINITY)).isTrue();
    assertThat(verify(GENERATOR, scalar(R), one, INFINITY)).isFalse();
    byte[] aliased = scalar(R.add(BigInteger.ONE));
    assertThat(verify(GENERATOR, zero, aliased, INFINITY)).isFalse();
    assertThat(verify(GENERATOR, new byte[31], one, INFINITY)).isFalse();
  }

  @Test
  void onlyCanonicalEncodingsOfMembersAreDecoded() {
    Curve g1 = Bls12381.g1();
    assertThat(Bls12381Encoding.g1(g1, GENERATOR)).isNotNull();
    assertThat(Bls12381Encoding.g1(g1, INFINITY).isInfinity()).isTrue();
    for (int flags : new int[] {0x00, 0x20, 0x40, 0x60, 0xc0, 0xe0}) {
      byte[] changed = GENERATOR.clone();
      changed[0] = (byte) (changed[0] & 0x1f | flags);
      assertThat(Bls12381Encoding.g1(g1, changed)).as("flags %x", flags).isNull();
    }
    byte[] opposite = GENERATOR.clone();
    opposite[0] ^= 0x20;
    CurvePoint p = Bls12381Encoding.g1(g1, opposite);
    g1.neg(p, p);
    assertThat(g1.equal(p, Bls12381Encoding.g1(g1, GENERATOR))).isTrue();
    byte[] signedInfinity = INFINITY.clone();
    signedInfinity[0] = (byte) 0xe0;
    assertThat(Bls12381Encoding.g1(g1, signedInfinity)).isNull();
    byte[] dirtyInfinity = INFINITY.clone();
    dirtyInfinity[47] = 1;
    assertThat(Bls12381Encoding.g1(g1, dirtyInfinity)).isNull();
    byte[] tooLarge = Bytes.fixed(Bls12381Fp.INSTANCE.modulus, 48);
    tooLarge[0] |= (byte) 0x80;
    assertThat(Bls12381Encoding.g1(g1, tooLarge)).isNull();
    assertThat(Bls12381Encoding.g1(g1, Arrays.copyOf(GENERATOR, 47))).isNull();
    // Of small x about half lie on the curve, and of those one in 10^38 in the subgroup.
    for (int x = 0; x < 20; x++) {
      byte[] small = Bytes.fixed(BigInteger.valueOf(x), 48);
      small[0] |= (byte) 0x80;
      assertThat(Bls12381Encoding.g1(g1, small)).isNull();
    }
  }

  private static byte[] plusOne(byte[] scalar) {
    return scalar(new BigInteger(1, scalar).add(BigInteger.ONE).mod(R));
  }

  private static byte[] scalar(BigInteger k) {
    return Bytes.fixed(k, 32);
  }
}
