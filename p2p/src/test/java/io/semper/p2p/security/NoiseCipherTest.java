package io.semper.p2p.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NoiseCipherTest {
  interface Maker {
    Aead make(byte[] key, boolean seals);
  }

  /// Those there are on this machine.
  private static Stream<Maker> ciphers() {
    List<Maker> all = new ArrayList<>(List.of(CipherAead::ofJdk, Aead::fastest));
    if (LibcryptoAead.isAvailable()) {
      all.add(LibcryptoAead::new);
    }
    if (CipherAead.hasBoringSsl()) {
      all.add(CipherAead::ofBoringSsl);
    }
    return all.stream();
  }

  private static byte[] bytes(ByteBuffer buffer, int offset, int length) {
    byte[] bytes = new byte[length];
    buffer.get(offset, bytes);
    return bytes;
  }

  /// Each reads what the JDK's wrote and writes the same, at any length and place, on the heap and
  /// off it.
  @ParameterizedTest
  @MethodSource("ciphers")
  void allCiphersAgree(Maker maker) throws Exception {
    byte[] key = new byte[32];
    Random random = new Random(1);
    random.nextBytes(key);
    List<Function<Integer, ByteBuffer>> places =
        List.of(ByteBuffer::allocate, ByteBuffer::allocateDirect);
    for (Function<Integer, ByteBuffer> place : places) {
      NoiseCipher seals = new NoiseCipher(maker.make(key, true));
      NoiseCipher opens = new NoiseCipher(maker.make(key, false));
      NoiseCipher reference = new NoiseCipher(CipherAead.ofJdk(key, true));
      for (int size : new int[] {0, 1, 15, 16, 17, 63, 64, 65, 1000, 65_519}) {
        byte[] message = new byte[size];
        random.nextBytes(message);
        ByteBuffer there = place.apply(size + 40);
        ByteBuffer here = ByteBuffer.allocate(size + 40);
        there.put(5, message);
        here.put(5, message);
        seals.seal(there, 5, size);
        reference.seal(here, 5, size);
        assertThat(bytes(there, 0, size + 40)).isEqualTo(here.array());
        opens.open(there, 5, size + Aead.TAG_BYTES);
        assertThat(bytes(there, 5, size)).isEqualTo(message);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ciphers")
  void aChangedBitIsNoticed(Maker maker) throws Exception {
    byte[] key = new byte[32];
    ByteBuffer sealed = ByteBuffer.allocateDirect(116);
    new NoiseCipher(maker.make(key, true)).seal(sealed, 0, 100);
    for (int i = 0; i < sealed.capacity(); i++) {
      ByteBuffer changed = ByteBuffer.allocateDirect(116).put(0, bytes(sealed, 0, 116));
      changed.put(i, (byte) (changed.get(i) ^ 1));
      NoiseCipher back = new NoiseCipher(maker.make(key, false));
      assertThatThrownBy(() -> back.open(changed, 0, 116)).isInstanceOf(AEADBadTagException.class);
    }
  }

  /// T22: a counter at its end is an end.
  @Test
  void noncesAreNotUsedTwice() {
    NoiseCipher cipher = new NoiseCipher(CipherAead.ofJdk(new byte[32], true));
    cipher.seek(-1);
    assertThatThrownBy(() -> cipher.seal(ByteBuffer.allocate(16), 0, 0))
        .isInstanceOf(IllegalStateException.class);
  }
}
