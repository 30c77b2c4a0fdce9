package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Modular exponentiation against squaring and multiplying by hand, and its border cases.
class ModExpTest {
  private static final byte[] NONE = {};

  @Test
  void randomNumbersOfUnequalSizes() {
    Random random = new Random(10);
    for (int i = 0; i < 500; i++) {
      byte[] base = bytes(random, 80);
      byte[] exponent = bytes(random, 6);
      byte[] modulus = bytes(random, 60);
      byte[] result = ModExp.modExp(base, exponent, modulus);
      assertThat(result).hasSameSizeAs(modulus);
      assertThat(new BigInteger(1, result)).isEqualTo(power(base, exponent, modulus));
    }
  }

  @Test
  void borders() {
    byte[] seven = {7};
    assertThat(ModExp.modExp(NONE, NONE, seven)).containsExactly(1);
    assertThat(ModExp.modExp(new byte[3], new byte[3], seven)).containsExactly(1);
    assertThat(ModExp.modExp(seven, NONE, new byte[] {1})).containsExactly(0);
    assertThat(ModExp.modExp(seven, seven, new byte[4])).containsExactly(0, 0, 0, 0);
    assertThat(ModExp.modExp(seven, seven, NONE)).isEmpty();
    assertThat(ModExp.modExp(new byte[] {2}, new byte[] {7}, new byte[] {0, 0, (byte) 0xFF}))
        .containsExactly(0, 0, 0x80);
  }

  private static BigInteger power(byte[] base, byte[] exponent, byte[] modulus) {
    BigInteger m = new BigInteger(1, modulus);
    if (m.signum() == 0) {
      return m;
    }
    BigInteger result = BigInteger.ONE.mod(m);
    BigInteger b = new BigInteger(1, base);
    BigInteger e = new BigInteger(1, exponent);
    for (int i = e.bitLength() - 1; i >= 0; i--) {
      result = result.multiply(result).mod(m);
      if (e.testBit(i)) {
        result = result.multiply(b).mod(m);
      }
    }
    return result;
  }

  private static byte[] bytes(Random random, int max) {
    byte[] out = new byte[random.nextInt(max + 1)];
    random.nextBytes(out);
    return out;
  }
}
