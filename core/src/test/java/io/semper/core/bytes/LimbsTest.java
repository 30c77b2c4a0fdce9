package io.semper.core.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;

/// Every operation against `BigInteger` on random words and on the edges where carries happen.
class LimbsTest {
  private static final BigInteger WORD = BigInteger.ONE.shiftLeft(256);
  private static final int ROUNDS = 20_000;
  private final Random random = new Random(1);
  private final long[] scratch = new long[Limbs.SCRATCH];

  private interface Operation {
    void apply(long[] s);
  }

  /// A word with runs of zero and one bits, where borrows and wrong quotient digits show.
  private BigInteger word() {
    BigInteger value = BigInteger.ZERO;
    for (int i = 0; i < 4; i++) {
      long limb =
          switch (random.nextInt(7)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> 1L << random.nextInt(64);
            case 3 -> (1L << random.nextInt(64)) - 1;
            case 4 -> random.nextInt(256);
            default -> random.nextLong();
          };
      value = value.shiftLeft(64).or(new BigInteger(Long.toUnsignedString(limb)));
    }
    return random.nextInt(3) == 0 ? value.shiftRight(64 * random.nextInt(4)) : value;
  }

  private static BigInteger signed(BigInteger value) {
    return value.testBit(255) ? value.subtract(WORD) : value;
  }

  private void binary(Operation operation, BinaryOperator<BigInteger> model) {
    long[] s = new long[8];
    for (int i = 0; i < ROUNDS; i++) {
      BigInteger a = word();
      BigInteger b = i % 5 == 0 ? a : word();
      Limbs.set(s, 0, UInt256.of(b));
      Limbs.set(s, 4, UInt256.of(a));
      operation.apply(s);
      assertThat(Limbs.get(s, 0).toBigInteger())
          .as("%s, %s", a.toString(16), b.toString(16))
          .isEqualTo(model.apply(a, b).mod(WORD));
    }
  }

  @Test
  void sums() {
    binary(s -> Limbs.add(s, 4, 0, 0), BigInteger::add);
    binary(s -> Limbs.sub(s, 4, 0, 0), BigInteger::subtract);
    binary(s -> Limbs.negate(s, 4, 0), (a, b) -> a.negate());
  }

  @Test
  void products() {
    binary(s -> Limbs.mul(s, 4, 0, 0), BigInteger::multiply);
  }

  @Test
  void quotients() {
    binary(s -> Limbs.div(s, 4, 0, 0, scratch), (a, b) -> b.signum() == 0 ? b : a.divide(b));
    binary(s -> Limbs.mod(s, 4, 0, 0, scratch), (a, b) -> b.signum() == 0 ? b : a.mod(b));
    binary(
        s -> Limbs.sdiv(s, 4, 0, 0, scratch),
        (a, b) -> b.signum() == 0 ? b : signed(a).divide(signed(b)));
    binary(
        s -> Limbs.smod(s, 4, 0, 0, scratch),
        (a, b) -> b.signum() == 0 ? b : signed(a).remainder(signed(b)));
  }

  @Test
  void quotientsWithRemainders() {
    binary(
        s -> {
          Limbs.divmod(s, 4, 0, 0, 4, scratch);
          Limbs.mul(s, 4, 0, 0); // both at once: a wrong one spoils the product
        },
        (a, b) -> b.signum() == 0 ? b : a.divide(b).multiply(a.mod(b)));
    binary(s -> Limbs.divmod(s, 4, 0, 4, 0, scratch), (a, b) -> b.signum() == 0 ? b : a.mod(b));
  }

  /// Where the next digit is the largest there is, and one of its estimates is too large.
  @Test
  void quotientsWithLargestDigits() {
    long[] s = new long[8];
    for (int i = 0; i < ROUNDS; i++) {
      BigInteger b = word().shiftRight(64).setBit(64 * (1 + i % 2) + random.nextInt(64));
      BigInteger a = b.shiftLeft(64).subtract(word().shiftRight(random.nextInt(256))).mod(WORD);
      Limbs.set(s, 0, UInt256.of(b));
      Limbs.set(s, 4, UInt256.of(a));
      Limbs.div(s, 4, 0, 0, scratch);
      assertThat(Limbs.get(s, 0).toBigInteger())
          .as("%s, %s", a.toString(16), b.toString(16))
          .isEqualTo(a.divide(b));
      modular(a, b.shiftLeft(64).or(BigInteger.TEN), b.shiftLeft(64).or(BigInteger.ONE));
    }
  }

  @Test
  void modularSumsAndProducts() {
    for (int i = 0; i < ROUNDS; i++) {
      // every fourth modulus just below 2^256
      modular(
          word(), word(), i % 4 == 0 ? WORD.subtract(word().shiftRight(192)).mod(WORD) : word());
    }
  }

  @Test
  void modularSumsAndProductsAroundTheModulus() {
    for (int i = 0; i < ROUNDS / 100; i++) {
      BigInteger m = i % 2 == 0 ? WORD.subtract(word().shiftRight(192)).mod(WORD) : word();
      List<BigInteger> edges =
          List.of(
              BigInteger.ONE,
              m.subtract(BigInteger.ONE).mod(WORD),
              m,
              m.add(BigInteger.ONE).mod(WORD),
              WORD.subtract(m).mod(WORD),
              WORD.subtract(BigInteger.ONE));
      for (BigInteger a : edges) {
        for (BigInteger b : edges) {
          modular(a, b, m);
        }
      }
    }
  }

  private void modular(BigInteger a, BigInteger b, BigInteger m) {
    long[] s = new long[12];
    for (boolean product : new boolean[] {false, true}) {
      Limbs.set(s, 0, UInt256.of(m));
      Limbs.set(s, 4, UInt256.of(b));
      Limbs.set(s, 8, UInt256.of(a));
      if (product) {
        Limbs.mulmod(s, 8, 4, 0, 0, scratch);
      } else {
        Limbs.addmod(s, 8, 4, 0, 0, scratch);
      }
      BigInteger whole = product ? a.multiply(b) : a.add(b);
      assertThat(Limbs.get(s, 0).toBigInteger())
          .as("%s, %s mod %s", a.toString(16), b.toString(16), m.toString(16))
          .isEqualTo(m.signum() == 0 ? m : whole.mod(m));
    }
  }

  @Test
  void powers() {
    for (int i = 0; i < 2_000; i++) {
      power(word(), word());
      power(word().setBit(0), word());
      power(word(), BigInteger.valueOf(random.nextInt(300)));
    }
  }

  /// Where the exponent leaves the bits taken one by one, and around the orders of odd numbers.
  @Test
  void powersAtTheEdges() {
    for (BigInteger base :
        List.of(
            BigInteger.TWO,
            BigInteger.valueOf(3),
            WORD.subtract(BigInteger.ONE),
            word().setBit(0))) {
      for (int bit = 0; bit < 256; bit++) {
        for (int difference = -3; difference <= 3; difference++) {
          power(base, BigInteger.ONE.shiftLeft(bit).add(BigInteger.valueOf(difference)).mod(WORD));
        }
      }
    }
  }

  private void power(BigInteger base, BigInteger exponent) {
    long[] s = new long[8];
    Limbs.set(s, 0, UInt256.of(exponent));
    Limbs.set(s, 4, UInt256.of(base));
    Limbs.exp(s, 4, 0, 0, scratch);
    assertThat(Limbs.get(s, 0).toBigInteger())
        .as("%s to the power %s", base.toString(16), exponent.toString(16))
        .isEqualTo(base.modPow(exponent, WORD));
  }

  @Test
  void shifts() {
    long[] s = new long[4];
    for (int n = 0; n < 256; n++) {
      BigInteger a = word();
      Limbs.set(s, 0, UInt256.of(a));
      Limbs.shl(s, 0, n, 0);
      assertThat(Limbs.get(s, 0).toBigInteger()).isEqualTo(a.shiftLeft(n).mod(WORD));
      Limbs.set(s, 0, UInt256.of(a));
      Limbs.shr(s, 0, n, 0, 0);
      assertThat(Limbs.get(s, 0).toBigInteger()).isEqualTo(a.shiftRight(n));
      Limbs.set(s, 0, UInt256.of(a));
      Limbs.shr(s, 0, n, 0, s[3] >> 63);
      assertThat(Limbs.get(s, 0).toBigInteger()).isEqualTo(signed(a).shiftRight(n).mod(WORD));
    }
  }

  @Test
  void comparisons() {
    long[] s = new long[8];
    for (int i = 0; i < ROUNDS; i++) {
      BigInteger a = word();
      BigInteger b = i % 5 == 0 ? a : word();
      Limbs.set(s, 0, UInt256.of(a));
      Limbs.set(s, 4, UInt256.of(b));
      assertThat(Integer.signum(Limbs.compare(s, 0, 4))).isEqualTo(a.compareTo(b));
      assertThat(Integer.signum(Limbs.compareSigned(s, 0, 4)))
          .isEqualTo(signed(a).compareTo(signed(b)));
      assertThat(Limbs.bitLength(s, 0)).isEqualTo(a.bitLength());
    }
  }
}
