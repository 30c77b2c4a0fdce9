package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Hashing to G2 (RFC 9380) and aggregate signatures of the consensus layer.
class Bls12381SignaturesTest {
  private static final BigInteger R =
      new BigInteger("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16);
  private static final byte[] DOMAIN = ascii("BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_");

  private final Random random = new Random(9380);

  /// RFC 9380, J.10.1, the empty message.
  @Test
  void hashesAsInTheRfc() {
    CurvePoint p =
        Bls12381Signatures.hashToG2(
            Bls12381.g2(), ascii(""), ascii("QUUX-V01-CS02-with-BLS12381G2_XMD:SHA-256_SSWU_RO_"));
    assertThat(plain(p.x, 0))
        .isEqualTo(
            "0141ebfbdca40eb85b87142e130ab689c673cf60f1a3e98d"
                + "69335266f30d9b8d4ac44c1038e9dcdd5393faf5c41fb78a");
    assertThat(plain(p.x, 6))
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
      sum = sum.add(secret).mod(R);
      keys.add(publicKey(secret));
    }
    byte[] signature = sign(sum, message);
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
    byte[] key = publicKey(BigInteger.TEN);
    byte[] signature = sign(BigInteger.TEN, message);
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

  private static byte[] publicKey(BigInteger secret) {
    Curve g1 = Bls12381.g1();
    return compress(g1, TestPoints.mul(g1, Kzg.generator(), secret), 48);
  }

  private static byte[] sign(BigInteger secret, byte[] message) {
    Curve g2 = Bls12381.g2();
    CurvePoint hash = Bls12381Signatures.hashToG2(g2, message, DOMAIN);
    return compress(g2, TestPoints.mul(g2, hash, secret), 96);
  }

  private static byte[] compress(Curve curve, CurvePoint p, int size) {
    curve.normalise(p);
    byte[] out = new byte[size];
    for (int at = 0; at < size; at += 48) {
      Bls12381Fp.INSTANCE.write(out, at, p.x, (size - 48 - at) / 8);
    }
    out[0] |= (byte) 0x80;
    BigInteger y = new BigInteger(plain(p.y, p.y.length - 6), 16);
    if (y.signum() == 0) {
      y = new BigInteger(plain(p.y, 0), 16);
    }
    if (y.shiftLeft(1).compareTo(Bls12381Fp.INSTANCE.modulus) > 0) {
      out[0] |= 0x20;
    }
    return out;
  }

  private static String plain(long[] a, int at) {
    byte[] out = new byte[48];
    Bls12381Fp.INSTANCE.write(out, 0, a, at);
    return HexFormat.of().formatHex(out);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
