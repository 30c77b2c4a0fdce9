package io.semper.core.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// 256-bit numbers against [BigInteger], on edges and random values of every width.
class UInt256Test {
  private static final BigInteger MODULUS = BigInteger.TWO.pow(256);

  private static List<BigInteger> values() {
    List<BigInteger> values = new ArrayList<>();
    for (int bit = 0; bit <= 256; bit += 32) {
      for (int d = -2; d <= 2; d++) {
        BigInteger value = BigInteger.TWO.pow(bit).add(BigInteger.valueOf(d));
        if (value.signum() >= 0 && value.bitLength() <= 256) {
          values.add(value);
        }
      }
    }
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      values.add(new BigInteger(random.nextInt(257), random));
    }
    return values;
  }

  @Test
  void sumsDifferencesAndOrderAreThoseOfIntegers() {
    for (BigInteger a : values()) {
      for (BigInteger b : values()) {
        UInt256 x = UInt256.of(a);
        UInt256 y = UInt256.of(b);
        assertThat(x.plus(y).toBigInteger()).isEqualTo(a.add(b).mod(MODULUS));
        assertThat(x.minus(y).toBigInteger()).isEqualTo(a.subtract(b).mod(MODULUS));
        assertThat(Integer.signum(x.compareTo(y))).isEqualTo(a.compareTo(b));
        assertThat(x.equals(y)).isEqualTo(a.equals(b));
        assertThat(UInt256.min(x, y).toBigInteger()).isEqualTo(a.min(b));
        UInt256 sum = x.plusExact(y);
        if (a.add(b).bitLength() > 256) {
          assertThat(sum).isNull();
        } else {
          assertThat(sum.toBigInteger()).isEqualTo(a.add(b));
        }
        if (b.bitLength() <= 64) {
          UInt256 product = x.timesExact(b.longValue());
          if (a.multiply(b).bitLength() > 256) {
            assertThat(product).isNull();
          } else {
            assertThat(product.toBigInteger()).isEqualTo(a.multiply(b));
          }
        }
      }
    }
  }

  @Test
  void everyRepresentationLeadsBack() {
    for (BigInteger a : values()) {
      UInt256 x = UInt256.of(a);
      assertThat(x.toBigInteger()).isEqualTo(a);
      assertThat(x.bitLength()).isEqualTo(a.bitLength());
      assertThat(x.isZero()).isEqualTo(a.signum() == 0);
      assertThat(x.fitsLong()).isEqualTo(a.bitLength() <= 64);
      assertThat(x.toLongSaturated())
          .isEqualTo(a.min(BigInteger.valueOf(Long.MAX_VALUE)).longValue());
      assertThat(UInt256.of(x.toBytes())).isEqualTo(x);
      assertThat(UInt256.of(x.toMinimalBytes())).isEqualTo(x);
      assertThat(x.toMinimalBytes()).hasSize((a.bitLength() + 7) / 8);
      assertThat(x.toHash32().toUInt256()).isEqualTo(x);
      assertThat(UInt256.of(x.limb0(), x.limb1(), x.limb2(), x.limb3())).isEqualTo(x);
      assertThat(UInt256.ofHex(x.toHex())).isEqualTo(x);
      assertThat(x.toHex()).isEqualTo("0x" + a.toString(16));
      assertThat(x.toString()).isEqualTo(a.toString());
      assertThat(UInt256.of(x.toBytes()).hashCode()).isEqualTo(x.hashCode());
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> UInt256.of(MODULUS)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> UInt256.of(BigInteger.ONE.negate()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> UInt256.of(new byte[33])).isInstanceOf(IllegalArgumentException.class);
  }
}
