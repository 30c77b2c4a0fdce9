package io.semper.core.crypto;

import io.semper.core.bytes.Hash32;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// SHA-256 (FIPS 180-4) by the JDK, which uses the processor's instructions for it.
public final class Sha256 {
  // Looking a digest up costs more than hashing a short message with it, and threads are short.
  private static final MessageDigest EMPTY = find();
  private static final ThreadLocal<MessageDigest> DIGEST =
      ThreadLocal.withInitial(Sha256::newDigest);

  private Sha256() {}

  public static Hash32 hash(byte[] message) {
    return Hash32.of(hashBytes(message), 0);
  }

  public static byte[] hashBytes(byte[] message) {
    return DIGEST.get().digest(message);
  }

  /// A digest for a message that comes in pieces.
  public static MessageDigest newDigest() {
    try {
      return (MessageDigest) EMPTY.clone();
    } catch (CloneNotSupportedException e) {
      return find();
    }
  }

  private static MessageDigest find() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
