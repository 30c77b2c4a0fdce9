package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Both prime fields and their extensions against BigInteger and the field axioms.
class FieldTest {
  private final Random random = new Random(7);

  static List<Fp> primeFields() {
    return List.of(Bn254Fp.INSTANCE, Bls12381Fp.INSTANCE);
  }

  static List<Fp2> quadraticFields() {
    return List.of(new Fp2(Bn254Fp.INSTANCE, 9), new Fp2(Bls12381Fp.INSTANCE, 1));
  }

  @ParameterizedTest
  @MethodSource("primeFields")
  void agreesWithBigInteger(Fp f) {
    BigInteger p = f.modulus;
    long[] r = f.zero();
    for (BigInteger a : samples(p)) {
      long[] x = f.of(a);
      assertThat(value(f, x)).isEqualTo(a);
      f.neg(r, x);
      assertThat(value(f, r)).isEqualTo(a.negate().mod(p));
      f.half(r, x);
      f.twice(r, r);
      assertThat(value(f, r)).isEqualTo(a);
      f.inv(r, x);
      assertThat(value(f, r)).isEqualTo(a.signum() == 0 ? a : a.modInverse(p));
      f.sqr(r, x);
      assertThat(value(f, r)).isEqualTo(a.multiply(a).mod(p));
      assertThat(f.sqrt(r, r)).isTrue();
      assertThat(value(f, r)).isIn(a, a.negate().mod(p));
      for (BigInteger b : samples(p)) {
        long[] y = f.of(b);
        f.add(r, x, y);
        assertThat(value(f, r)).isEqualTo(a.add(b).mod(p));
        f.sub(r, x, y);
        assertThat(value(f, r)).isEqualTo(a.subtract(b).mod(p));
        f.mul(r, x, y);
        assertThat(value(f, r)).isEqualTo(a.multiply(b).mod(p));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("primeFields")
  void readsOnlyReducedNumbers(Fp f) {
    int bytes = f.bytes;
    BigInteger last = f.modulus.subtract(BigInteger.ONE);
    long[] r = f.zero();
    assertThat(f.read(r, 0, Bytes.fixed(last, bytes), 0)).isTrue();
    assertThat(value(f, r)).isEqualTo(last);
    assertThat(f.read(r, 0, Bytes.fixed(f.modulus, bytes), 0)).isFalse();
    BigInteger max = BigInteger.ONE.shiftLeft(8 * bytes).subtract(BigInteger.ONE);
    assertThat(f.read(r, 0, Bytes.fixed(max, bytes), 0)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("quadraticFields")
  void quadraticExtension(Fp2 f) {
    for (int i = 0; i < 50; i++) {
      long[] a = element(f);
      long[] b = element(f);
      long[] r = f.zero();
      long[] s = f.zero();
      f.mul(r, a, b);
      assertThat(values(f, r)).isEqualTo(values(f, schoolbook(f, a, b)));
      f.set(s, a);
      f.mul(s, s, b);
      assertThat(values(f, s)).isEqualTo(values(f, r));
      f.sqr(s, a);
      assertThat(values(f, s)).isEqualTo(values(f, schoolbook(f, a, a)));
      assertThat(f.sqrt(r, s)).isTrue();
      f.sqr(r, r);
      assertThat(values(f, r)).isEqualTo(values(f, s));
      // xi is no square, so xi times a square is none either
      f.mulByXi(r, s);
      assertThat(values(f, r)).isEqualTo(values(f, schoolbook(f, s, f.xi())));
      assertThat(f.sqrt(f.zero(), r)).isFalse();
      f.inv(r, a);
      f.mul(r, r, a);
      assertThat(values(f, r)).isEqualTo(values(f, f.one()));
    }
  }

  @ParameterizedTest
  @MethodSource("quadraticFields")
  void rootsOfRealNumbers(Fp2 f) {
    for (int i = -20; i < 20; i++) {
      long[] a = f.of(BigInteger.valueOf(i), BigInteger.ZERO);
      long[] r = f.zero();
      assertThat(f.sqrt(r, a)).isTrue();
      f.sqr(r, r);
      assertThat(values(f, r)).isEqualTo(values(f, a));
    }
  }

  @ParameterizedTest
  @MethodSource("quadraticFields")
  void topOfTheTower(Fp2 f) {
    Fp12 f12 = new Fp12(f, Fp12.frobeniusConstants(f));
    for (int i = 0; i < 20; i++) {
      long[][] a = element12(f);
      long[][] b = element12(f);
      long[][] r = f12.zero();
      long[][] s = f12.zero();
      f12.mul(r, a, b);
      assertThat(values(f, r)).isEqualTo(values(f, schoolbook12(f, a, b)));
      f12.sqr(s, a);
      assertThat(values(f, s)).isEqualTo(values(f, schoolbook12(f, a, a)));
      f12.set(s, a);
      f12.mul(s, s, b);
      assertThat(values(f, s)).isEqualTo(values(f, r));
      f12.mul(s, b, a);
      assertThat(values(f, s)).isEqualTo(values(f, r));
      f12.inv(r, a);
      f12.mul(r, r, a);
      assertThat(f12.isOne(r)).isTrue();
      f12.mulByLineD(r, a, b[0], b[3], b[4]);
      long[][] line = f12.zero();
      f.set(line[0], b[0]);
      f.set(line[3], b[3]);
      f.set(line[4], b[4]);
      assertThat(values(f, r)).isEqualTo(values(f, schoolbook12(f, a, line)));
      f12.mulByLineM(r, a, b[0], b[1], b[4]);
      line = f12.zero();
      f.set(line[0], b[0]);
      f.set(line[1], b[1]);
      f.set(line[4], b[4]);
      assertThat(values(f, r)).isEqualTo(values(f, schoolbook12(f, a, line)));
    }
  }

  @ParameterizedTest
  @MethodSource("quadraticFields")
  void frobeniusAndTheCyclotomicSubgroup(Fp2 f) {
    Fp12 f12 = new Fp12(f, Fp12.frobeniusConstants(f));
    long[][] a = element12(f);
    long[][] r = f12.zero();
    long[][] s = f12.zero();
    f12.frobenius(r, a, 1);
    assertThat(values(f, r)).isEqualTo(values(f, pow(f12, a, f.fp.modulus)));
    // a^((p^6 - 1)(p^2 + 1)) lies in the cyclotomic subgroup
    f12.inv(s, a);
    f12.conjugate(r, a);
    f12.mul(r, r, s);
    f12.frobenius(s, r, 2);
    f12.mul(r, r, s);
    f12.cyclotomicSqr(s, r);
    assertThat(values(f, s)).isEqualTo(values(f, pow(f12, r, BigInteger.TWO)));
    f12.conjugate(s, r);
    f12.mul(s, s, r);
    assertThat(f12.isOne(s)).isTrue();
    BigInteger e = new BigInteger(100, random);
    f12.cyclotomicPow(s, r, Pairing.signedDigits(e));
    assertThat(values(f, s)).isEqualTo(values(f, pow(f12, r, e)));
  }

  private static long[][] pow(Fp12 f12, long[][] a, BigInteger e) {
    long[][] r = f12.one();
    for (int i = e.bitLength() - 1; i >= 0; i--) {
      f12.mul(r, r, r);
      if (e.testBit(i)) {
        f12.mul(r, r, a);
      }
    }
    return r;
  }

  /// Polynomials in w with w^6 = xi, multiplied term by term.
  private static long[][] schoolbook12(Fp2 f, long[][] a, long[][] b) {
    int[] exponent = {0, 2, 4, 1, 3, 5};
    int[] coefficient = {0, 3, 1, 4, 2, 5};
    long[][] r = f.zeros(6);
    for (int i = 0; i < 6; i++) {
      for (int j = 0; j < 6; j++) {
        long[] t = schoolbook(f, a[i], b[j]);
        int e = exponent[i] + exponent[j];
        if (e >= 6) {
          t = schoolbook(f, t, f.xi());
        }
        f.add(r[coefficient[e % 6]], r[coefficient[e % 6]], t);
      }
    }
    return r;
  }

  private static long[] schoolbook(Fp2 f, long[] a, long[] b) {
    BigInteger a0 = value(f.fp, a, 0);
    BigInteger a1 = value(f.fp, a, f.fp.words);
    BigInteger b0 = value(f.fp, b, 0);
    BigInteger b1 = value(f.fp, b, f.fp.words);
    return f.of(a0.multiply(b0).subtract(a1.multiply(b1)), a0.multiply(b1).add(a1.multiply(b0)));
  }

  private long[] element(Fp2 f) {
    int bits = f.fp.modulus.bitLength() + 20;
    return f.of(new BigInteger(bits, random), new BigInteger(bits, random));
  }

  private long[][] element12(Fp2 f) {
    long[][] r = new long[6][];
    for (int i = 0; i < 6; i++) {
      r[i] = element(f);
    }
    return r;
  }

  private List<BigInteger> samples(BigInteger p) {
    List<BigInteger> r = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      r.add(BigInteger.valueOf(i));
      r.add(p.subtract(BigInteger.valueOf(i + 1)));
      r.add(p.shiftRight(1).add(BigInteger.valueOf(i)));
      r.add(BigInteger.ONE.shiftLeft(64 * i + 63).mod(p));
      r.add(BigInteger.ONE.shiftLeft(64 * i + 64).subtract(BigInteger.ONE).mod(p));
    }
    for (int i = 0; i < 30; i++) {
      r.add(new BigInteger(p.bitLength() + 20, random).mod(p));
    }
    return r;
  }

  private static List<BigInteger> values(Fp2 f, long[]... elements) {
    List<BigInteger> r = new ArrayList<>();
    for (long[] a : elements) {
      r.add(value(f.fp, a, 0));
      r.add(value(f.fp, a, f.fp.words));
    }
    return r;
  }

  private static BigInteger value(Fp f, long[] a) {
    return value(f, a, 0);
  }

  private static BigInteger value(Fp f, long[] a, int at) {
    byte[] out = new byte[f.bytes];
    f.write(out, 0, a, at);
    return new BigInteger(1, out);
  }
}
