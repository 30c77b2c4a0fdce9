package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Hashing to G2 (RFC 9380) and aggregate signatures of the consensus layer.
class Bls12381SignaturesTest {
  private final Random random = new Random(9380);

  /// RFC 9380, J.10.1, the empty message.
  @Test
  void hashesAsInTheRfc() {
    CurvePoint p =
        Bls12381Signatures.hashToG2(
            Bls12381.g2(), ascii(""), ascii("QUUX-V01-CS02-with-BLS12381G2_XMD:SHA-256_SSWU_RO_"));
    assertThat(TestBlsKeys.plain(p.x, 0))
        .isEqualTo(
            "0141ebfbdca40eb85b87142e130ab689c673cf60f1a3e98d"
                + "69335266f30d9b8d4ac44c1038e9dcdd5393faf5c41fb78a");
    assertThat(TestBlsKeys.plain(p.x, Bls12381Fp.INSTANCE.words))
        .isEqualTo(
            "05cb8437535e20ecffaef7752baddf98034139c38452458b"
                + "aeefab379ba13dff5bf5dd71b72418717047f5b0f37da03d");
  }

  @Test
  void aggregatesOfHonestSignersVerify() {
    byte[] message = ascii("sync committee root");
    BigInteger sum = BigInteger.ZERO;
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      BigInteger secret = new BigInteger(250, random);
      sum = sum.add(secret).mod(TestBlsKeys.ORDER);
      keys.add(TestBlsKeys.publicKey(secret));
    }
    byte[] signature = TestBlsKeys.sign(sum, message);
    assertThat(Bls12381Signatures.fastAggregateVerify(keys, message, signature)).isTrue();
    assertThat(Bls12381Signatures.fastAggregateVerify(keys, ascii("other"), signature)).isFalse();
    byte[] opposite = signature.clone();
    opposite[0] ^= 0x20;
    assertThat(Bls12381Signatures.fastAggregateVerify(keys, message, opposite)).isFalse();
    List<byte[]> fewer = keys.subList(1, 5);
    assertThat(Bls12381Signatures.fastAggregateVerify(fewer, message, signature)).isFalse();
  }

  @Test
  void malformedInputDoesNotVerify() {
    byte[] message = ascii("m");
    byte[] key = TestBlsKeys.publicKey(BigInteger.TEN);
    byte[] signature = TestBlsKeys.sign(BigInteger.TEN, message);
    assertThat(Bls12381Signatures.fastAggregateVerify(List.of(key), message, signature)).isTrue();
    assertThat(Bls12381Signatures.fastAggregateVerify(List.of(), message, signature)).isFalse();
    byte[] infinity = new byte[48];
    infinity[0] = (byte) 0xc0;
    List<byte[]> withInfinity = List.of(key, infinity);
    assertThat(Bls12381Signatures.fastAggregateVerify(withInfinity, message, signature)).isFalse();
    byte[] infiniteSignature = new byte[96];
    infiniteSignature[0] = (byte) 0xc0;
    assertThat(Bls12381Signatures.fastAggregateVerify(List.of(key), message, infiniteSignature))
        .isFalse();
    assertThat(Bls12381Signatures.fastAggregateVerify(List.of(key), message, new byte[96]))
        .isFalse();
    assertThat(Bls12381Signatures.fastAggregateVerify(List.of(new byte[48]), message, signature))
        .isFalse();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
