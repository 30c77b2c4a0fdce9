package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.UInt256;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The field of secp256k1 and its scalar split against [BigInteger]: values around zero, the
/// modulus and each limb's border, and random ones; operands and result may be one array.
class Secp256k1FpTest {
  private static final BigInteger P =
      BigInteger.TWO.pow(256).subtract(BigInteger.TWO.pow(32)).subtract(BigInteger.valueOf(977));
  private static final Secp256k1Fp FP = Secp256k1Fp.INSTANCE;

  private static List<BigInteger> values() {
    List<BigInteger> values = new ArrayList<>();
    for (int bit = 0; bit <= 256; bit += 32) {
      for (int d = -2; d <= 2; d++) {
        BigInteger power = BigInteger.TWO.pow(bit).add(BigInteger.valueOf(d));
        values.add(power.mod(P));
        values.add(power.negate().mod(P));
      }
    }
    values.add(P.shiftRight(1));
    values.add(P.shiftRight(1).add(BigInteger.ONE));
    Random random = new Random(8);
    for (int i = 0; i < 100; i++) {
      values.add(new BigInteger(256, random).mod(P));
    }
    return values;
  }

  @Test
  void operationsOnTwo() {
    for (BigInteger a : values()) {
      for (BigInteger b : values()) {
        long[] r = limbs(a);
        FP.add(r, r, limbs(b));
        assertThat(number(r)).isEqualTo(a.add(b).mod(P));
        r = limbs(b);
        FP.sub(r, limbs(a), r);
        assertThat(number(r)).isEqualTo(a.subtract(b).mod(P));
        r = limbs(a);
        FP.mul(r, r, limbs(b));
        assertThat(number(r)).isEqualTo(a.multiply(b).mod(P));
      }
    }
  }

  @Test
  void operationsOnOne() {
    int squares = 0;
    for (BigInteger a : values()) {
      long[] r = limbs(a);
      FP.neg(r, r);
      assertThat(number(r)).isEqualTo(a.negate().mod(P));
      r = limbs(a);
      FP.half(r, r);
      assertThat(number(r).shiftLeft(1).mod(P)).isEqualTo(a);
      assertThat(number(r)).isLessThan(P);
      r = limbs(a);
      FP.sqr(r, r);
      assertThat(number(r)).isEqualTo(a.multiply(a).mod(P));
      r = limbs(a);
      FP.inv(r, r);
      assertThat(number(r)).isEqualTo(a.signum() == 0 ? a : a.modInverse(P));
      r = limbs(a);
      boolean root = FP.sqrt(r, r);
      BigInteger euler = a.modPow(P.shiftRight(1), P);
      assertThat(root).isEqualTo(euler.signum() == 0 || euler.equals(BigInteger.ONE));
      if (root) {
        squares++;
        assertThat(number(r).modPow(BigInteger.TWO, P)).isEqualTo(a);
      }
    }
    assertThat(squares).isGreaterThan(50);
  }

  /// Both halves stay below 2^128 and add up to the scalar again.
  @Test
  void scalarsSplitIntoTwoHalves() {
    BigInteger n = Secp256k1.N.toBigInteger();
    BigInteger lambda =
        new BigInteger("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72", 16);
    List<BigInteger> scalars = new ArrayList<>(values());
    scalars.add(n.subtract(BigInteger.ONE));
    scalars.add(n.shiftRight(1));
    scalars.add(lambda);
    for (BigInteger k : scalars) {
      long[][] magnitudes = new long[2][2];
      boolean[] negative = new boolean[2];
      new Secp256k1Split().split(limbs(k.mod(n)), magnitudes, negative);
      BigInteger k0 = part(magnitudes[0], negative[0]);
      BigInteger k1 = part(magnitudes[1], negative[1]);
      assertThat(k0.add(k1.multiply(lambda)).mod(n)).isEqualTo(k.mod(n));
    }
  }

  private static BigInteger part(long[] magnitude, boolean negative) {
    BigInteger value = UInt256.of(magnitude[0], magnitude[1], 0, 0).toBigInteger();
    return negative ? value.negate() : value;
  }

  private static long[] limbs(BigInteger value) {
    UInt256 v = UInt256.of(value);
    return new long[] {v.limb0(), v.limb1(), v.limb2(), v.limb3()};
  }

  private static BigInteger number(long[] limbs) {
    return UInt256.of(limbs[0], limbs[1], limbs[2], limbs[3]).toBigInteger();
  }
}
