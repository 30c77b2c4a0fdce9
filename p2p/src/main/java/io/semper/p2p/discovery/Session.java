package io.semper.p2p.discovery;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.crypto.Sha256;
import io.semper.core.crypto.Signature;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.identity.PublicKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// The keys two nodes have agreed on (`discv5-theory.md`).
///
/// @param writes what this side encrypts with
/// @param reads what the other side does
record Session(byte[] writes, byte[] reads) {
  private static final int KEY_BYTES = 16;
  private static final int TAG_BITS = 128;
  private static final byte[] AGREEMENT = ascii("discovery v5 key agreement");
  private static final byte[] PROOF = ascii("discovery v5 identity proof");

  /// The keys of a handshake, as its initiator has them.
  ///
  /// @param challenge the associated data of the packet that asked for it
  static Session initiator(
      byte[] ephemeralKey, PublicKey to, Hash32 initiator, Hash32 recipient, byte[] challenge) {
    byte[] secret = compressed(Secp256k1.sharedPoint(ephemeralKey, to.point()));
    byte[] extracted = hmac(challenge, secret);
    byte[] info = join(AGREEMENT, initiator.toBytes(), recipient.toBytes());
    // One round of HKDF's expansion gives both keys.
    byte[] both = hmac(extracted, join(info, new byte[] {1}));
    return new Session(
        Arrays.copyOf(both, KEY_BYTES), Arrays.copyOfRange(both, KEY_BYTES, 2 * KEY_BYTES));
  }

  Session seenFromTheOtherSide() {
    return new Session(/* writes= */ reads, /* reads= */ writes);
  }

  /// Proves to who has challenged that the initiator holds its key: r ‖ s.
  static byte[] proof(
      byte[] privateKey, byte[] challenge, byte[] ephemeralPublicKey, Hash32 recipient) {
    byte[] input = join(PROOF, challenge, ephemeralPublicKey, recipient.toBytes());
    Signature signature = Secp256k1.sign(Sha256.hash(input), privateKey);
    byte[] out = new byte[64];
    signature.r().writeTo(out, 0);
    signature.s().writeTo(out, 32);
    return out;
  }

  static byte[] compressed(byte[] point) {
    byte[] out = new byte[33];
    out[0] = (byte) (2 + (point[63] & 1));
    System.arraycopy(point, 0, out, 1, 32);
    return out;
  }

  byte[] encrypt(byte[] nonce, byte[] message, byte[] associated) {
    try {
      return cipher(Cipher.ENCRYPT_MODE, writes, nonce, associated).doFinal(message);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks AES-GCM", e);
    }
  }

  /// @throws MalformedInputException where it is not of this session
  byte[] decrypt(byte[] nonce, byte[] encrypted, byte[] associated) {
    try {
      return cipher(Cipher.DECRYPT_MODE, reads, nonce, associated).doFinal(encrypted);
    } catch (AEADBadTagException forged) {
      throw new MalformedInputException("message of another session", 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks AES-GCM", e);
    }
  }

  private static Cipher cipher(int mode, byte[] key, byte[] nonce, byte[] associated)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(associated);
    return cipher;
  }

  private static byte[] hmac(byte[] key, byte[] input) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(input);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks HMAC", e);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] join(byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    byte[] out = new byte[length];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, out, at, part.length);
      at += part.length;
    }
    return out;
  }
}
