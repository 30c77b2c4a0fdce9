package io.semper.p2p.security;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.conscrypt.Conscrypt;

/// By a [Cipher] of the JDK, which is everywhere, or of BoringSSL, as Conscrypt brings it for
/// x86-64. Conscrypt's provider is not registered: nothing else of the process uses it.
final class CipherAead implements Aead {
  private static final Provider BORING = Conscrypt.isAvailable() ? Conscrypt.newProvider() : null;

  private final SecretKeySpec key;
  private final Cipher cipher;
  private final int mode;

  private CipherAead(Cipher cipher, byte[] key, boolean seals) {
    this.key = new SecretKeySpec(key, "ChaCha20");
    this.cipher = cipher;
    this.mode = seals ? Cipher.ENCRYPT_MODE : Cipher.DECRYPT_MODE;
  }

  static CipherAead ofJdk(byte[] key, boolean seals) {
    try {
      return new CipherAead(Cipher.getInstance("ChaCha20-Poly1305"), key, seals);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks ChaCha20-Poly1305", e);
    }
  }

  static boolean hasBoringSsl() {
    return BORING != null;
  }

  static CipherAead ofBoringSsl(byte[] key, boolean seals) {
    try {
      return new CipherAead(Cipher.getInstance("ChaCha20/Poly1305/NoPadding", BORING), key, seals);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("BoringSSL lacks ChaCha20-Poly1305", e);
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
    // BoringSSL wants room for the tag even where it takes it away.
    apply(nonce, buffer, offset, length, length);
  }

  private void apply(byte[] nonce, ByteBuffer buffer, int offset, int length, int room)
      throws AEADBadTagException {
    try {
      cipher.init(mode, key, new IvParameterSpec(nonce));
      cipher.doFinal(
          buffer.duplicate().limit(offset + length).position(offset),
          buffer.duplicate().limit(offset + room).position(offset));
    } catch (AEADBadTagException e) {
      throw e;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
