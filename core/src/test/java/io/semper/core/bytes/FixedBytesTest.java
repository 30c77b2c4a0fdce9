package io.semper.core.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Addresses and hashes: bytes in, the same bytes out, ordered as bytes.
class FixedBytesTest {
  private final Random random = new Random(2);

  @Test
  void addressesKeepTheirBytesAndOrder() {
    for (int i = 0; i < 500; i++) {
      byte[] a = randomBytes(Address.BYTES);
      byte[] b = randomBytes(Address.BYTES);
      Address x = Address.of(a);
      Address y = Address.of(b);
      assertThat(x.toBytes()).isEqualTo(a);
      assertThat(Address.of(x.toString())).isEqualTo(x).hasSameHashCodeAs(x);
      assertThat(Address.of(x.high(), x.middle(), x.low())).isEqualTo(x);
      assertThat(Integer.signum(x.compareTo(y)))
          .isEqualTo(Integer.signum(Arrays.compareUnsigned(a, b)));
      assertThat(x.equals(y)).isEqualTo(Arrays.equals(a, b));
    }
    assertThat(Address.of(0x0a).toString()).isEqualTo("0x000000000000000000000000000000000000000a");
    assertThat(Address.ZERO.toBytes()).isEqualTo(new byte[20]);
  }

  @Test
  void hashesKeepTheirBytesOrderAndDigits() {
    for (int i = 0; i < 500; i++) {
      byte[] a = randomBytes(Hash32.BYTES);
      byte[] b = randomBytes(Hash32.BYTES);
      Hash32 x = Hash32.of(a);
      Hash32 y = Hash32.of(b);
      assertThat(x.toBytes()).isEqualTo(a);
      assertThat(Hash32.of(x.toString())).isEqualTo(x).hasSameHashCodeAs(x);
      assertThat(Integer.signum(x.compareTo(y)))
          .isEqualTo(Integer.signum(Arrays.compareUnsigned(a, b)));
      assertThat(x.equals(y)).isEqualTo(Arrays.equals(a, b));
      StringBuilder digits = new StringBuilder("0x");
      for (int n = 0; n < 64; n++) {
        digits.append(Character.forDigit(x.nibble(n), 16));
      }
      assertThat(digits.toString()).isEqualTo(x.toString());
    }
    assertThat(Hash32.ZERO.isZero()).isTrue();
    assertThat(Hash32.of(0, 0, 0, 1).isZero()).isFalse();
  }

  @Test
  void otherLengthsAreRefused() {
    for (int length : new int[] {0, 19, 21, 31, 33}) {
      assertThatThrownBy(() -> Address.of(new byte[length]))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Hash32.of(new byte[length]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void hexadecimalTextHasTwoDigitsAByte() {
    assertThat(Hex.encode(new byte[] {0, (byte) 0xFF, 0x10})).isEqualTo("0x00ff10");
    assertThat(Hex.decode("0x00fF10")).containsExactly(0, 0xFF, 0x10);
    assertThat(Hex.decode("00ff10")).containsExactly(0, 0xFF, 0x10);
    assertThat(Hex.decode("0x")).isEmpty();
    for (String wrong : new String[] {"0x0", "0xg0", "0x 0", "0x0x00"}) {
      assertThatThrownBy(() -> Hex.decode(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void bigEndianLoadsAndStoresMeetAnyOffset() {
    byte[] bytes = new byte[11];
    BigEndian.putLong(bytes, 3, 0x0102030405060708L);
    assertThat(bytes).containsExactly(0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(BigEndian.getLong(bytes, 2)).isEqualTo(0x0001020304050607L);
    BigEndian.putInt(bytes, 1, 0xA1A2A3A4);
    assertThat(BigEndian.getInt(bytes, 1)).isEqualTo(0xA1A2A3A4);
    assertThat(BigEndian.getInt(bytes, 3)).isEqualTo(0xA3A40304);
  }

  /// Some values share their first bytes, so that every part decides an order now and then.
  private byte[] randomBytes(int length) {
    byte[] out = new byte[length];
    for (int i = random.nextInt(length); i < length; i++) {
      out[i] = (byte) random.nextInt();
    }
    return out;
  }
}
