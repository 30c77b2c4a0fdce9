package io.semper.p2p.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;

class NoiseCipherTest {
  private static final byte[] NONE = new byte[0];

  /// The native cipher and the JDK's read what the other wrote, at any length and place.
  @Test
  void bothCiphersAgree() throws Exception {
    assumeTrue(NativeChaCha.isAvailable(), "no libcrypto here");
    byte[] key = new byte[32];
    Random random = new Random(1);
    random.nextBytes(key);
    NoiseCipher fast = new NoiseCipher(key, Cipher.ENCRYPT_MODE, true);
    NoiseCipher plain = new NoiseCipher(key, Cipher.ENCRYPT_MODE);
    NoiseCipher fastBack = new NoiseCipher(key, Cipher.DECRYPT_MODE, true);
    NoiseCipher plainBack = new NoiseCipher(key, Cipher.DECRYPT_MODE);
    for (int size : new int[] {0, 1, 15, 16, 17, 63, 64, 65, 1000, 65_519}) {
      byte[] message = new byte[size + 7];
      random.nextBytes(message);
      byte[] a = new byte[size + 40];
      byte[] b = new byte[size + 40];
      assertThat(fast.apply(NONE, message, 5, size, a, 3)).isEqualTo(size + 16);
      assertThat(plain.apply(NONE, message, 5, size, b, 3)).isEqualTo(size + 16);
      assertThat(a).isEqualTo(b);
      assertThat(fastBack.apply(NONE, a, 3, size + 16, a, 3)).isEqualTo(size);
      assertThat(plainBack.apply(NONE, b, 3, size + 16, b, 3)).isEqualTo(size);
      assertThat(Arrays.copyOfRange(a, 3, 3 + size))
          .isEqualTo(Arrays.copyOfRange(message, 5, 5 + size))
          .isEqualTo(Arrays.copyOfRange(b, 3, 3 + size));
    }
  }

  @Test
  void aChangedBitIsNoticed() throws Exception {
    for (boolean bulk : new boolean[] {true, false}) {
      byte[] key = new byte[32];
      byte[] sealed = new byte[116];
      new NoiseCipher(key, Cipher.ENCRYPT_MODE, bulk).apply(NONE, new byte[100], 0, 100, sealed, 0);
      for (int i = 0; i < sealed.length; i++) {
        byte[] changed = sealed.clone();
        changed[i] ^= 1;
        NoiseCipher back = new NoiseCipher(key, Cipher.DECRYPT_MODE, bulk);
        assertThatThrownBy(() -> back.apply(NONE, changed, 0, changed.length, changed, 0))
            .isInstanceOf(AEADBadTagException.class);
      }
    }
  }

  /// T22: a counter at its end is an end.
  @Test
  void noncesAreNotUsedTwice() {
    NoiseCipher cipher = new NoiseCipher(new byte[32], Cipher.ENCRYPT_MODE);
    cipher.seek(-1);
    assertThatThrownBy(() -> cipher.apply(NONE, NONE, 0, 0, new byte[16], 0))
        .isInstanceOf(IllegalStateException.class);
  }
}
