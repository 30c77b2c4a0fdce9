package io.semper.p2p.security;

import java.nio.ByteBuffer;
import javax.crypto.AEADBadTagException;

/// ChaCha20-Poly1305 under one key and in one direction, done to a message where it stands.
///
/// What is fastest depends on the processor. Measured on an EPYC with AVX2 and no more, one core,
/// messages of 64 KiB: the JDK 265 MB/s, libcrypto 745, BoringSSL 990. With AVX-512 IFMA libcrypto
/// is ahead.
interface Aead {
  int TAG_BYTES = 16;

  /// Encrypts `length` bytes from `offset` on, and puts the tag behind them.
  void seal(byte[] nonce, ByteBuffer buffer, int offset, int length);

  /// Checks the tag, which is the end of the `length` bytes, and decrypts those before it.
  ///
  /// @throws AEADBadTagException if it is wrong; what is in the buffer then is worth nothing
  void open(byte[] nonce, ByteBuffer buffer, int offset, int length) throws AEADBadTagException;

  /// The fastest there is here.
  ///
  /// @param seals whether to encrypt, else to decrypt
  static Aead fastest(byte[] key, boolean seals) {
    if (LibcryptoAead.isAvailable() && (Processor.HAS_IFMA || !CipherAead.hasBoringSsl())) {
      return new LibcryptoAead(key, seals);
    }
    return CipherAead.hasBoringSsl()
        ? CipherAead.ofBoringSsl(key, seals)
        : CipherAead.ofJdk(key, seals);
  }

  /// A buffer that the fastest works on without a copy.
  static ByteBuffer allocate(int bytes) {
    return LibcryptoAead.isAvailable() || CipherAead.hasBoringSsl()
        ? ByteBuffer.allocateDirect(bytes)
        : ByteBuffer.allocate(bytes);
  }
}
