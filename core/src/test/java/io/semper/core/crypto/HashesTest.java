package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hex;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.bouncycastle.crypto.digests.KeccakDigest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.junit.jupiter.api.Test;

/// Hash functions against published values and against another implementation.
class HashesTest {
  private final Random random = new Random(6);

  @Test
  void keccakOfKnownMessages() {
    assertThat(Keccak.EMPTY.toString())
        .isEqualTo("0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    assertThat(Keccak.hash(ascii("testing")).toString())
        .isEqualTo("0x5f16f4c7f149ac4f9510d9cf8cf384038ad348b3bcdc01915f95de12df9d1b02");
  }

  @Test
  void keccakOfEveryLengthAcrossThreeBlocks() {
    for (int length = 0; length <= 3 * 136; length++) {
      byte[] message = message(length);
      assertThat(Keccak.hashBytes(message)).isEqualTo(digest(new KeccakDigest(256), message));
      assertThat(Keccak.hash512(message)).isEqualTo(digest(new KeccakDigest(512), message));
      byte[] padded = new byte[length + 9];
      System.arraycopy(message, 0, padded, 5, length);
      assertThat(Keccak.hash(padded, 5, length)).isEqualTo(Keccak.hash(message));
    }
  }

  @Test
  void sha256OfKnownAndRandomMessages() {
    assertThat(Sha256.hash(ascii("abc")).toString())
        .isEqualTo("0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    for (int length = 0; length <= 200; length++) {
      byte[] message = message(length);
      assertThat(Sha256.hashBytes(message)).isEqualTo(digest(new SHA256Digest(), message));
    }
  }

  /// The vectors of the authors of RIPEMD-160.
  @Test
  void ripemd160OfKnownMessages() {
    assertThat(Hex.encode(Ripemd160.hash(new byte[0])))
        .isEqualTo("0x9c1185a5c5e9fc54612808977ee8f548b2258d31");
    assertThat(Hex.encode(Ripemd160.hash(ascii("abc"))))
        .isEqualTo("0x8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
  }

  /// With twelve rounds the function is the one inside BLAKE2b.
  @Test
  void blake2bBuiltOnTheCompressionFunction() {
    for (int length = 0; length <= 300; length++) {
      byte[] message = message(length);
      assertThat(blake2b(message)).isEqualTo(digest(new Blake2bDigest(512), message));
    }
  }

  private static byte[] blake2b(byte[] message) {
    long[] h = {
      0x6a09e667f3bcc908L ^ 0x0101_0040,
      0xbb67ae8584caa73bL,
      0x3c6ef372fe94f82bL,
      0xa54ff53a5f1d36f1L,
      0x510e527fade682d1L,
      0x9b05688c2b3e6c1fL,
      0x1f83d9abfb41bd6bL,
      0x5be0cd19137e2179L
    };
    int blocks = Math.max(1, (message.length + 127) / 128);
    byte[] padded = Arrays.copyOf(message, 128 * blocks);
    for (int block = 0; block < blocks; block++) {
      long[] m = new long[16];
      for (int i = 0; i < 128; i++) {
        m[i / 8] |= (padded[128 * block + i] & 0xFFL) << (8 * (i % 8));
      }
      boolean last = block == blocks - 1;
      Blake2f.compress(12, h, m, last ? message.length : 128L * (block + 1), 0, last);
    }
    byte[] out = new byte[64];
    for (int i = 0; i < 64; i++) {
      out[i] = (byte) (h[i / 8] >>> (8 * (i % 8)));
    }
    return out;
  }

  private byte[] message(int length) {
    byte[] message = new byte[length];
    random.nextBytes(message);
    return message;
  }

  private static byte[] digest(Digest digest, byte[] message) {
    digest.update(message, 0, message.length);
    byte[] out = new byte[digest.getDigestSize()];
    digest.doFinal(out, 0);
    return out;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
