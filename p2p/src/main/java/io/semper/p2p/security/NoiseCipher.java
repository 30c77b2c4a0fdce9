package io.semper.p2p.security;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// One direction of a Noise session: ChaCha20-Poly1305 under a key, and the counter that is its
/// nonce.
final class NoiseCipher {
  static final int TAG_BYTES = 16;

  private final SecretKeySpec key;
  private final Cipher cipher;
  private final byte[] nonce = new byte[12];
  private final int mode;
  private long counter;

  /// The same by a native library; null where there is none, or within the handshake.
  private final NativeChaCha fast;

  /// @param mode `Cipher.ENCRYPT_MODE` or `Cipher.DECRYPT_MODE`
  NoiseCipher(byte[] key, int mode) {
    this(key, mode, false);
  }

  /// @param bulk whether many bytes are to come, for which a native library is used where it is
  ///   found
  NoiseCipher(byte[] key, int mode, boolean bulk) {
    this.fast =
        bulk && NativeChaCha.isAvailable()
            ? new NativeChaCha(key, mode == Cipher.ENCRYPT_MODE)
            : null;
    this.key = new SecretKeySpec(key, "ChaCha20");
    this.mode = mode;
    try {
      this.cipher = Cipher.getInstance("ChaCha20-Poly1305");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK lacks ChaCha20-Poly1305", e);
    }
  }

  void seek(long nonce) {
    counter = nonce;
  }

  /// Encrypts and appends the tag, or checks the tag and decrypts; input and output may be the same
  /// place.
  ///
  /// @return the number of bytes written
  /// @throws AEADBadTagException if the message was not written by the peer
  int apply(byte[] associated, byte[] in, int offset, int length, byte[] out, int outOffset)
      throws AEADBadTagException {
    if (counter == -1) {
      throw new IllegalStateException("nonces are used up");
    }
    for (int i = 0; i < 8; i++) {
      nonce[4 + i] = (byte) (counter >>> 8 * i);
    }
    counter++;
    if (fast != null && associated.length == 0) {
      return mode == Cipher.ENCRYPT_MODE
          ? fast.encrypt(nonce, in, offset, length, out, outOffset)
          : fast.decrypt(nonce, in, offset, length, out, outOffset);
    }
    try {
      cipher.init(mode, key, new IvParameterSpec(nonce));
      if (associated.length > 0) {
        cipher.updateAAD(associated);
      }
      return cipher.doFinal(in, offset, length, out, outOffset);
    } catch (AEADBadTagException e) {
      throw e;
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("a nonce came twice", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
