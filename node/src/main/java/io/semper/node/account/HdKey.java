package io.semper.node.account;

import io.semper.core.bytes.BigEndian;
import io.semper.core.crypto.Secp256k1;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/// A private key from which others are derived (BIP-32), beginning with a mnemonic (BIP-39).
record HdKey(byte[] key, byte[] chainCode) {
  private static final int HARDENED = 0x80000000;
  private static final int SEED_ROUNDS = 2048;
  private static final int SEED_BITS = 512;
  private static final BigInteger ORDER = Secp256k1.N.toBigInteger();

  /// The root key of a mnemonic without passphrase.
  static HdKey ofMnemonic(String words) {
    try {
      byte[] seed =
          SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
              .generateSecret(
                  new PBEKeySpec(
                      words.toCharArray(),
                      "mnemonic".getBytes(StandardCharsets.UTF_8),
                      SEED_ROUNDS,
                      SEED_BITS))
              .getEncoded();
      return split(hmac("Bitcoin seed".getBytes(StandardCharsets.UTF_8), seed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  HdKey hardened(int index) {
    byte[] data = new byte[37];
    System.arraycopy(key, 0, data, 1, 32);
    return child(data, index | HARDENED);
  }

  HdKey child(int index) {
    byte[] publicKey = Secp256k1.publicKey(key);
    byte[] data = new byte[37];
    data[0] = (byte) ((publicKey[63] & 1) == 0 ? 2 : 3);
    System.arraycopy(publicKey, 0, data, 1, 32);
    return child(data, index);
  }

  /// A digest out of range has a chance of 2^-127; BIP-32 lets it fail.
  private HdKey child(byte[] data, int index) {
    BigEndian.putInt(data, 33, index);
    HdKey half = split(hmac(chainCode, data));
    BigInteger sum = new BigInteger(1, half.key).add(new BigInteger(1, key)).mod(ORDER);
    byte[] bytes = sum.toByteArray();
    byte[] child = new byte[32];
    int from = Math.max(0, bytes.length - 32);
    System.arraycopy(bytes, from, child, 32 - (bytes.length - from), bytes.length - from);
    return new HdKey(child, half.chainCode);
  }

  private static HdKey split(byte[] digest) {
    return new HdKey(Arrays.copyOf(digest, 32), Arrays.copyOfRange(digest, 32, 64));
  }

  private static byte[] hmac(byte[] secret, byte[] data) {
    try {
      Mac mac = Mac.getInstance("HmacSHA512");
      mac.init(new SecretKeySpec(secret, "HmacSHA512"));
      return mac.doFinal(data);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
