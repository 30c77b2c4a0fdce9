package io.semper.core.crypto;

import org.bouncycastle.crypto.digests.RIPEMD160Digest;

/// RIPEMD-160, needed by one precompile only.
public final class Ripemd160 {
  public static final int BYTES = 20;

  private Ripemd160() {}

  public static byte[] hash(byte[] message) {
    RIPEMD160Digest digest = new RIPEMD160Digest();
    digest.update(message, 0, message.length);
    byte[] out = new byte[BYTES];
    digest.doFinal(out, 0);
    return out;
  }
}
