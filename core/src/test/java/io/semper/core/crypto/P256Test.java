package io.semper.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.UInt256;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// P-256 verification of signatures that the JDK made. The vectors of EIP-7951 run through the
/// precompile.
class P256Test {
  private static final BigInteger N =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  @Test
  void acceptsWhatTheJdkSignedAndNothingElse() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    Random random = new Random(9);
    for (int i = 0; i < 50; i++) {
      KeyPair pair = generator.generateKeyPair();
      ECPublicKey key = (ECPublicKey) pair.getPublic();
      byte[] hash = new byte[32];
      random.nextBytes(hash);
      Signature signer = Signature.getInstance("NONEwithECDSAinP1363Format");
      signer.initSign(pair.getPrivate());
      signer.update(hash);
      byte[] rs = signer.sign();
      byte[] r = Arrays.copyOf(rs, 32);
      byte[] s = Arrays.copyOfRange(rs, 32, 64);
      byte[] x = UInt256.of(key.getW().getAffineX()).toBytes();
      byte[] y = UInt256.of(key.getW().getAffineY()).toBytes();
      assertThat(P256.verify(hash, r, s, x, y)).isTrue();
      BigInteger mirrored = N.subtract(new BigInteger(1, s));
      assertThat(P256.verify(hash, r, UInt256.of(mirrored).toBytes(), x, y)).isTrue();
      for (byte[] part : new byte[][] {hash, r, s, x, y}) {
        int at = random.nextInt(32);
        int bit = 1 << random.nextInt(8);
        part[at] ^= (byte) bit;
        assertThat(P256.verify(hash, r, s, x, y)).isFalse();
        part[at] ^= (byte) bit;
      }
    }
  }

  @Test
  void zeroAndTheOrderAreOutOfRange() {
    byte[] one = UInt256.ONE.toBytes();
    byte[] zero = new byte[32];
    byte[] order = UInt256.of(N).toBytes();
    byte[] gx =
        UInt256.ofHex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296").toBytes();
    byte[] gy =
        UInt256.ofHex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5").toBytes();
    assertThat(P256.verify(one, zero, one, gx, gy)).isFalse();
    assertThat(P256.verify(one, one, zero, gx, gy)).isFalse();
    assertThat(P256.verify(one, order, one, gx, gy)).isFalse();
    assertThat(P256.verify(one, one, order, gx, gy)).isFalse();
    assertThat(P256.verify(one, one, one, zero, zero)).isFalse();
    assertThat(P256.verify(one, one, one, UInt256.MAX.toBytes(), gy)).isFalse();
  }

  /// With hash = -r the sum u1 G + u2 G is infinity, which has no x coordinate.
  @Test
  void infinityIsNoSignature() {
    byte[] gx =
        UInt256.ofHex("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296").toBytes();
    byte[] gy =
        UInt256.ofHex("4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5").toBytes();
    byte[] r = UInt256.of(5).toBytes();
    byte[] hash = UInt256.of(N.subtract(BigInteger.valueOf(5))).toBytes();
    assertThat(P256.verify(hash, r, UInt256.of(7).toBytes(), gx, gy)).isFalse();
  }
}
