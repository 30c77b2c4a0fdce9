package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// EIP-196 and EIP-197: the published vectors, and algebra on random points from a fixed seed.
class Bn254Test {
  private static final BigInteger P = Bn254Fp.INSTANCE.modulus;
  private static final BigInteger R =
      new BigInteger("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001", 16);
  private static final BigInteger[] G1 = {BigInteger.ONE, BigInteger.TWO};
  private static final String G2 =
      "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
          + "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
          + "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
          + "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";

  private final Random random = new Random(196);
  private final SlowCurve slow = new SlowCurve(P);

  @Test
  void publishedVectors() {
    assertThat(PrecompileVectors.check("bn256Add", Bn254::add)).isEqualTo(16);
    assertThat(PrecompileVectors.check("bn256ScalarMul", Bn254::mul)).isEqualTo(19);
    assertThat(PrecompileVectors.check("bn256Pairing", Bn254::pairing)).isEqualTo(14);
  }

  @Test
  void additionAndMultiplicationAgreeWithTheTextbook() {
    for (int i = 0; i < 100; i++) {
      BigInteger[] p = slow.mul(new BigInteger(256, random), G1);
      BigInteger[] q = i % 10 == 0 ? p : slow.mul(new BigInteger(256, random), G1);
      assertThat(Bn254.add(Bytes.concat(word(p), word(q)))).isEqualTo(word(slow.add(p, q)));
      BigInteger k = new BigInteger(random.nextInt(257), random);
      assertThat(Bn254.mul(Bytes.concat(word(p), word(k)))).isEqualTo(word(slow.mul(k, p)));
    }
  }

  @Test
  void scalarsAtTheEdgesOfTheEndomorphism() {
    BigInteger max = BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE);
    BigInteger u = BigInteger.valueOf(4965661367192848881L);
    BigInteger half = R.shiftRight(1);
    for (BigInteger k :
        new BigInteger[] {
          BigInteger.ZERO,
          BigInteger.ONE,
          R,
          R.subtract(BigInteger.ONE),
          R.add(BigInteger.ONE),
          max,
          half,
          u,
          u.pow(2),
          u.pow(3),
          R.multiply(BigInteger.valueOf(5)).add(BigInteger.TEN)
        }) {
      assertThat(Bn254.mul(Bytes.concat(word(G1), word(k)))).isEqualTo(word(slow.mul(k, G1)));
    }
  }

  @Test
  void shortAndLongInput() {
    assertThat(Bn254.add(new byte[0])).isEqualTo(new byte[64]);
    assertThat(Bn254.add(word(G1))).isEqualTo(word(G1));
    assertThat(Bn254.add(Arrays.copyOf(word(G1), 500))).isEqualTo(word(G1));
    assertThat(Bn254.mul(word(G1))).isEqualTo(new byte[64]);
    assertThat(Bn254.pairing(new byte[0])).isEqualTo(word(BigInteger.ONE));
    assertThat(Bn254.pairing(new byte[191])).isNull();
  }

  @Test
  void invalidPoints() {
    assertThat(Bn254.add(Bytes.concat(word(BigInteger.ONE), word(BigInteger.ONE)))).isNull();
    BigInteger aliased = G1[0].add(P);
    assertThat(Bn254.mul(Bytes.concat(word(aliased), word(G1[1])))).isNull();
    assertThat(Bn254.mul(Bytes.concat(word(P), word(BigInteger.ZERO)))).isNull();
  }

  @Test
  void pairingIsBilinearAndNotDegenerate() {
    for (int i = 0; i < 10; i++) {
      BigInteger a = new BigInteger(254, random).mod(R);
      BigInteger b = new BigInteger(254, random).mod(R);
      byte[] left = Bytes.concat(word(slow.mul(a, G1)), mulG2(b));
      byte[] inverse = word(slow.mul(R.subtract(a.multiply(b).mod(R)), G1));
      byte[] right = Bytes.concat(inverse, Bytes.hex(G2));
      assertThat(Bn254.pairing(Bytes.concat(left, right))).isEqualTo(word(BigInteger.ONE));
      assertThat(Bn254.pairing(left)).isEqualTo(word(BigInteger.ZERO));
    }
  }

  @Test
  void pointsOfTheTwistOutsideTheSubgroupAreInvalid() {
    Curve twist = Bn254Pairing.twist();
    Fp2 f = Bn254.fp2();
    int found = 0;
    for (int i = 0; i < 40; i++) {
      CurvePoint q = twist.point();
      f.set(q.x, f.of(BigInteger.valueOf(i), new BigInteger(250, random)));
      f.sqr(q.y, q.x);
      f.mul(q.y, q.y, q.x);
      f.add(q.y, q.y, twist.b);
      if (!f.sqrt(q.y, q.y)) {
        continue;
      }
      found++;
      twist.setAffine(q);
      assertThat(twist.isOnCurve(q)).isTrue();
      assertThat(Bn254Pairing.isInSubgroup(twist, q)).isFalse();
      assertThat(Bn254.pairing(Bytes.concat(word(G1), encode(q)))).isNull();
      // The twist has r (2p - r) points: clearing the cofactor leads into the subgroup.
      CurvePoint cleared = TestPoints.mul(twist, q, P.shiftLeft(1).subtract(R));
      assertThat(Bn254Pairing.isInSubgroup(twist, cleared)).isTrue();
      assertThat(TestPoints.mul(twist, cleared, R).isInfinity()).isTrue();
    }
    assertThat(found).isPositive();
  }

  private static byte[] mulG2(BigInteger k) {
    Curve twist = Bn254Pairing.twist();
    CurvePoint q = twist.point();
    byte[] g = Bytes.hex(G2);
    Bn254Fp.INSTANCE.read(q.x, Bn254Fp.INSTANCE.words, g, 0);
    Bn254Fp.INSTANCE.read(q.x, 0, g, 32);
    Bn254Fp.INSTANCE.read(q.y, Bn254Fp.INSTANCE.words, g, 64);
    Bn254Fp.INSTANCE.read(q.y, 0, g, 96);
    twist.setAffine(q);
    CurvePoint r = TestPoints.mul(twist, q, k);
    twist.normalise(r);
    return encode(r);
  }

  private static byte[] encode(CurvePoint q) {
    byte[] out = new byte[128];
    Bn254Fp.INSTANCE.write(out, 0, q.x, Bn254Fp.INSTANCE.words);
    Bn254Fp.INSTANCE.write(out, 32, q.x, 0);
    Bn254Fp.INSTANCE.write(out, 64, q.y, Bn254Fp.INSTANCE.words);
    Bn254Fp.INSTANCE.write(out, 96, q.y, 0);
    return out;
  }

  private static byte[] word(BigInteger k) {
    return Bytes.fixed(k, 32);
  }

  private static byte[] word(BigInteger[] p) {
    return p == null ? new byte[64] : Bytes.concat(word(p[0]), word(p[1]));
  }
}
