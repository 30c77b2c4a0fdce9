package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// EIP-2537: the published vectors, and algebra on random points from a fixed seed.
class Bls12381Test {
  private static final BigInteger P = Bls12381Fp.INSTANCE.modulus;
  private static final BigInteger R =
      new BigInteger("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16);
  private static final BigInteger Z = new BigInteger("d201000000010000", 16).negate();
  private static final BigInteger[] GENERATOR = {
    new BigInteger(
        "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905"
            + "a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb",
        16),
    new BigInteger(
        "08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af6"
            + "00db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1",
        16)
  };

  private final Random random = new Random(2537);
  private final SlowCurve slow = new SlowCurve(P);

  /// Every vector, given to the library, if there is one, and to plain Java.
  private static int check(String file, UnaryOperator<byte[]> chosen, UnaryOperator<byte[]> plain) {
    PrecompileVectors.check(file, plain);
    return PrecompileVectors.check(file, chosen);
  }

  @Test
  void publishedVectors() {
    int n = check("blsG1Add", Bls12381::g1Add, Bls12381::plainG1Add);
    n += check("blsG1Mul", Bls12381::g1Msm, Bls12381::plainG1Msm);
    n += check("blsG1MultiExp", Bls12381::g1Msm, Bls12381::plainG1Msm);
    n += check("blsG2Add", Bls12381::g2Add, Bls12381::plainG2Add);
    n += check("blsG2Mul", Bls12381::g2Msm, Bls12381::plainG2Msm);
    n += check("blsG2MultiExp", Bls12381::g2Msm, Bls12381::plainG2Msm);
    n += check("blsMapG1", Bls12381::mapFpToG1, Bls12381::plainMapFpToG1);
    n += PrecompileVectors.check("blsMapG2", Bls12381::mapFp2ToG2);
    n += check("blsPairing", Bls12381::pairing, Bls12381::plainPairing);
    assertThat(n).isEqualTo(869);
  }

  @Test
  void publishedInvalidInputs() {
    int n = check("fail-blsG1Add", Bls12381::g1Add, Bls12381::plainG1Add);
    n += check("fail-blsG1Mul", Bls12381::g1Msm, Bls12381::plainG1Msm);
    n += check("fail-blsG1MultiExp", Bls12381::g1Msm, Bls12381::plainG1Msm);
    n += check("fail-blsG2Add", Bls12381::g2Add, Bls12381::plainG2Add);
    n += check("fail-blsG2Mul", Bls12381::g2Msm, Bls12381::plainG2Msm);
    n += check("fail-blsG2MultiExp", Bls12381::g2Msm, Bls12381::plainG2Msm);
    n += check("fail-blsMapG1", Bls12381::mapFpToG1, Bls12381::plainMapFpToG1);
    n += PrecompileVectors.check("fail-blsMapG2", Bls12381::mapFp2ToG2);
    n += check("fail-blsPairing", Bls12381::pairing, Bls12381::plainPairing);
    assertThat(n).isGreaterThan(40);
  }

  @Test
  void g1AgreesWithTheTextbook() {
    for (int i = 0; i < 50; i++) {
      BigInteger[] p = slow.mul(new BigInteger(256, random), GENERATOR);
      BigInteger[] q = i % 10 == 0 ? p : slow.mul(new BigInteger(256, random), GENERATOR);
      assertThat(Bls12381.g1Add(Bytes.concat(encode(p), encode(q))))
          .isEqualTo(encode(slow.add(p, q)));
      BigInteger k = new BigInteger(random.nextInt(257), random);
      assertThat(Bls12381.g1Msm(Bytes.concat(encode(p), scalar(k))))
          .isEqualTo(encode(slow.mul(k, p)));
    }
  }

  @Test
  void scalarsAtTheEdgesOfTheEndomorphisms() {
    BigInteger max = BigInteger.ONE.shiftLeft(256).subtract(BigInteger.ONE);
    Curve g2 = Bls12381.g2();
    CurvePoint q = randomG2();
    for (BigInteger k :
        new BigInteger[] {
          BigInteger.ZERO,
          BigInteger.ONE,
          R,
          R.subtract(BigInteger.ONE),
          R.add(BigInteger.ONE),
          R.shiftLeft(1),
          R.shiftLeft(1).subtract(BigInteger.ONE),
          max,
          Z.negate(),
          Z.pow(2),
          Z.pow(2).subtract(BigInteger.ONE),
          Z.pow(3).negate(),
          Z.pow(4).subtract(BigInteger.ONE)
        }) {
      assertThat(Bls12381.g1Msm(Bytes.concat(encode(GENERATOR), scalar(k))))
          .isEqualTo(encode(slow.mul(k, GENERATOR)));
      CurvePoint fast = g2.point();
      Bls12381.g2Sums(g2).mul(fast, q, MultiScalar.readScalar(scalar(k), 0));
      assertThat(g2.equal(fast, TestPoints.mul(g2, q, k))).isTrue();
    }
  }

  @Test
  void bothMultiScalarMethodsAgreeWithPlainSums() {
    for (int n : new int[] {1, 2, 3, 17, 130}) {
      assertMultiScalar(Bls12381.g1(), Bls12381.g1Sums(Bls12381.g1()), n, this::randomG1);
      assertMultiScalar(Bls12381.g2(), Bls12381.g2Sums(Bls12381.g2()), n, this::randomG2);
    }
  }

  private void assertMultiScalar(
      Curve curve, MultiScalar sums, int n, Supplier<CurvePoint> sample) {
    CurvePoint[] points = new CurvePoint[n];
    long[][] scalars = new long[n][];
    CurvePoint expected = curve.point();
    for (int i = 0; i < n; i++) {
      // Repeated, opposite and infinite points make the exceptional cases of the addition.
      points[i] = i % 5 == 1 ? points[i - 1] : i % 7 == 6 ? curve.point() : sample.get();
      if (i % 5 == 2) {
        curve.neg(points[i], points[i - 1]);
      }
      BigInteger k = i % 5 == 1 ? BigInteger.valueOf(3) : new BigInteger(256, random);
      scalars[i] = MultiScalar.readScalar(scalar(k), 0);
      curve.add(expected, expected, TestPoints.mul(curve, points[i], k));
    }
    CurvePoint r = curve.point();
    sums.straus(r, points, scalars);
    assertThat(curve.equal(r, expected)).isTrue();
    sums.pippenger(r, points, scalars);
    assertThat(curve.equal(r, expected)).isTrue();
  }

  @Test
  void subgroupChecksAgreeWithTheOrder() {
    Curve g1 = Bls12381.g1();
    Curve g2 = Bls12381.g2();
    for (int i = 0; i < 10; i++) {
      CurvePoint p = onCurve(g1);
      assertThat(Bls12381Endomorphisms.isInG1(g1, p)).isFalse();
      assertThat(TestPoints.mul(g1, p, R).isInfinity()).isFalse();
      Bls12381Endomorphisms.clearCofactorG1(g1, p, p);
      assertThat(Bls12381Endomorphisms.isInG1(g1, p)).isTrue();
      assertThat(TestPoints.mul(g1, p, R).isInfinity()).isTrue();
      CurvePoint q = onCurve(g2);
      assertThat(Bls12381Endomorphisms.isInG2(g2, q)).isFalse();
      assertThat(TestPoints.mul(g2, q, R).isInfinity()).isFalse();
      Bls12381Endomorphisms.clearCofactorG2(g2, q, q);
      assertThat(Bls12381Endomorphisms.isInG2(g2, q)).isTrue();
      assertThat(TestPoints.mul(g2, q, R).isInfinity()).isTrue();
    }
  }

  @Test
  void pointsOutsideTheSubgroupMayBeAddedButNotMultipliedOrPaired() {
    Curve g1 = Bls12381.g1();
    CurvePoint p = onCurve(g1);
    byte[] outside = encode(p);
    assertThat(Bls12381.g1Add(Bytes.concat(outside, new byte[128]))).isEqualTo(outside);
    assertThat(Bls12381.g1Msm(Bytes.concat(outside, scalar(BigInteger.ONE)))).isNull();
    assertThat(Bls12381.pairing(Bytes.concat(outside, new byte[256]))).isNull();
    byte[] outside2 = encode(onCurve(Bls12381.g2()));
    assertThat(Bls12381.g2Add(Bytes.concat(outside2, new byte[256]))).isEqualTo(outside2);
    assertThat(Bls12381.g2Msm(Bytes.concat(outside2, scalar(BigInteger.ONE)))).isNull();
    assertThat(Bls12381.pairing(Bytes.concat(encode(GENERATOR), outside2))).isNull();
  }

  @Test
  void pairingIsBilinearAndNotDegenerate() {
    Curve g2 = Bls12381.g2();
    CurvePoint q = randomG2();
    for (int i = 0; i < 5; i++) {
      BigInteger a = new BigInteger(255, random).mod(R);
      BigInteger b = new BigInteger(255, random).mod(R);
      CurvePoint bq = TestPoints.mul(g2, q, b);
      g2.normalise(bq);
      byte[] left = Bytes.concat(encode(slow.mul(a, GENERATOR)), encode(bq));
      BigInteger opposite = R.subtract(a.multiply(b).mod(R));
      byte[] right = Bytes.concat(encode(slow.mul(opposite, GENERATOR)), encode(q));
      assertThat(Bls12381.pairing(Bytes.concat(left, right))).isEqualTo(scalar(BigInteger.ONE));
      assertThat(Bls12381.pairing(left)).isEqualTo(scalar(BigInteger.ZERO));
    }
    byte[] infinite = Bytes.concat(encode(GENERATOR), new byte[256]);
    assertThat(Bls12381.pairing(infinite)).isEqualTo(scalar(BigInteger.ONE));
  }

  /// Points outside their subgroups, at infinity, opposite, with damaged coordinates: whatever the
  /// two make of them is the same.
  @Test
  void libraryAndPlainJavaAgree() {
    assertThat(Bls12381.NATIVE).isTrue();
    for (int i = 0; i < 20; i++) {
      byte[] p = damaged(encode(i % 3 == 0 ? onCurve(Bls12381.g1()) : randomG1()));
      byte[] q = damaged(encode(i % 3 == 1 ? onCurve(Bls12381.g2()) : randomG2()));
      byte[] p2 = i % 5 == 0 ? p : encode(randomG1());
      byte[] q2 = i % 5 == 0 ? q : encode(randomG2());
      byte[] k = scalar(new BigInteger(random.nextInt(257), random));
      byte[] max = scalar(BigInteger.ONE.shiftLeft(256).subtract(BigInteger.valueOf(i + 1)));
      byte[] in = Bytes.concat(p, p2);
      assertThat(Bls12381.g1Add(in)).isEqualTo(Bls12381.plainG1Add(in));
      in = Bytes.concat(q, q2);
      assertThat(Bls12381.g2Add(in)).isEqualTo(Bls12381.plainG2Add(in));
      in = Bytes.concat(Bytes.concat(p, k), Bytes.concat(p2, max));
      assertThat(Bls12381.g1Msm(in)).isEqualTo(Bls12381.plainG1Msm(in));
      in = Bytes.concat(Bytes.concat(q, k), Bytes.concat(q2, max));
      assertThat(Bls12381.g2Msm(in)).isEqualTo(Bls12381.plainG2Msm(in));
      byte[] u = Bytes.fixed(new BigInteger(400, random).mod(P), 64);
      assertThat(Bls12381.mapFpToG1(u)).isEqualTo(Bls12381.plainMapFpToG1(u));
      in = Bytes.concat(Bytes.concat(p, q), Bytes.concat(p2, q2));
      assertThat(Bls12381.pairing(in)).isEqualTo(Bls12381.plainPairing(in));
    }
  }

  /// Now and then a bit flipped anywhere, a flag of blst's, or nothing but zeros.
  private byte[] damaged(byte[] point) {
    switch (random.nextInt(6)) {
      case 0 -> point[random.nextInt(point.length)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> point[64 * random.nextInt(point.length / 64) + 16] |= (byte) 0x80;
      case 2 -> Arrays.fill(point, (byte) 0);
      default -> {}
    }
    return point;
  }

  /// `(0, 2)` lies on G1's curve and has order 3.
  @Test
  void pointsWithoutXAreAdded() {
    byte[] p = Bytes.concat(new byte[64], Bytes.fixed(BigInteger.TWO, 64));
    byte[] minusP = Bytes.concat(new byte[64], Bytes.fixed(P.subtract(BigInteger.TWO), 64));
    assertThat(Bls12381.g1Add(Bytes.concat(p, p))).isEqualTo(minusP);
    assertThat(Bls12381.g1Add(Bytes.concat(p, minusP))).isEqualTo(new byte[128]);
    assertThat(Bls12381.g1Msm(Bytes.concat(p, scalar(BigInteger.ONE)))).isNull();
  }

  @Test
  void emptyAndMisshapenInput() {
    for (int length : new int[] {0, 1, 64, 159, 161, 383, 385}) {
      byte[] in = new byte[length];
      assertThat(Bls12381.g1Msm(in)).isNull();
      assertThat(Bls12381.g2Msm(in)).isNull();
      assertThat(Bls12381.pairing(in)).isNull();
      assertThat(Bls12381.g1Add(in)).isNull();
      assertThat(Bls12381.g2Add(in)).isNull();
    }
    assertThat(Bls12381.mapFpToG1(new byte[63])).isNull();
    assertThat(Bls12381.mapFp2ToG2(new byte[127])).isNull();
    byte[] padded = encode(GENERATOR);
    padded[15] = 1;
    assertThat(Bls12381.g1Add(Bytes.concat(padded, new byte[128]))).isNull();
  }

  private CurvePoint randomG1() {
    Curve g1 = Bls12381.g1();
    CurvePoint p = onCurve(g1);
    Bls12381Endomorphisms.clearCofactorG1(g1, p, p);
    g1.normalise(p);
    return p;
  }

  private CurvePoint randomG2() {
    Curve g2 = Bls12381.g2();
    CurvePoint q = onCurve(g2);
    Bls12381Endomorphisms.clearCofactorG2(g2, q, q);
    g2.normalise(q);
    return q;
  }

  /// A point of the whole curve, nearly never of the subgroup.
  private CurvePoint onCurve(Curve curve) {
    CurvePoint p = curve.point();
    while (true) {
      for (int at = 0; at < p.x.length; at += Bls12381Fp.INSTANCE.words) {
        System.arraycopy(
            Bls12381Fp.INSTANCE.of(new BigInteger(400, random)),
            0,
            p.x,
            at,
            Bls12381Fp.INSTANCE.words);
      }
      curve.f.sqr(p.y, p.x);
      curve.f.mul(p.y, p.y, p.x);
      curve.f.add(p.y, p.y, curve.b);
      long[] square = p.y.clone();
      if (curve.f.sqrt(p.y, square)) {
        curve.setAffine(p);
        assertThat(curve.isOnCurve(p)).isTrue();
        return p;
      }
    }
  }

  private static byte[] encode(CurvePoint p) {
    byte[] out = new byte[0];
    for (long[] coordinate : Arrays.asList(p.x, p.y)) {
      for (int at = 0; at < coordinate.length; at += Bls12381Fp.INSTANCE.words) {
        byte[] element = new byte[64];
        Bls12381Fp.INSTANCE.write(element, 16, coordinate, at);
        out = Bytes.concat(out, element);
      }
    }
    return out;
  }

  private static byte[] encode(BigInteger[] p) {
    return p == null ? new byte[128] : Bytes.concat(Bytes.fixed(p[0], 64), Bytes.fixed(p[1], 64));
  }

  private static byte[] scalar(BigInteger k) {
    return Bytes.fixed(k, 32);
  }
}
