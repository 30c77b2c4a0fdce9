package io.semper.p2p.security;

import java.nio.ByteBuffer;
import javax.crypto.AEADBadTagException;

/// One direction of a Noise session: a key, and the counter that is its nonce.
final class NoiseCipher {
  private final Aead aead;
  private final byte[] nonce = new byte[12];
  private long counter;

  NoiseCipher(Aead aead) {
    this.aead = aead;
  }

  void seek(long next) {
    counter = next;
  }

  /// Encrypts where it stands and puts the tag behind.
  void seal(ByteBuffer buffer, int offset, int length) {
    aead.seal(next(), buffer, offset, length);
  }

  /// Checks the tag at the end and decrypts where it stands.
  ///
  /// @throws AEADBadTagException if the message was not written by the peer
  void open(ByteBuffer buffer, int offset, int length) throws AEADBadTagException {
    aead.open(next(), buffer, offset, length);
  }

  private byte[] next() {
    if (counter == -1) {
      throw new IllegalStateException("nonces are used up");
    }
    for (int i = 0; i < 8; i++) {
      nonce[4 + i] = (byte) (counter >>> 8 * i);
    }
    counter++;
    return nonce;
  }
}
