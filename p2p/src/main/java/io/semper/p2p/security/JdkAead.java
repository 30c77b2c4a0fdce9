package io.semper.p2p.security;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// By the JDK's cipher, which is everywhere.
final class JdkAead implements Aead {
  private final SecretKeySpec key;
  private final Cipher cipher;
  private final int mode;

  JdkAead(byte[] key, boolean seals) {
    this.key = new SecretKeySpec(key, "ChaCha20");
    this.mode = seals ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE;
    try {
      this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks ChaCha20-Poly1305", e);
    }
  }

  @Override
  public void seal(byte[] nonce, ByteBuffer buffer, int offset, int length) {
    try {
      apply(nonce, buffer, offset, length, length + TAG_BYTES);
    } catch (AEADBadTagException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void open(byte[] nonce, ByteBuffer buffer, int offset, int length)
      throws AEADBadTagException {
    apply(nonce, buffer, offset, length, length - TAG_BYTES);
  }

  private void apply(byte[] nonce, ByteBuffer buffer, int offset, int length, int result)
      throws AEADBadTagException {
    try {
      cipher.init(mode, key, new IvParameterSpec(nonce));
      cipher.doFinal(
          buffer.duplicate().limit(offset + length).position(offset),
          buffer.duplicate().limit(offset + result).position(offset));
    } catch (AEADBadTagException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
