package io.semper.p2p.gossip;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;

/// The identifier of a message: up to [#MAX_BYTES] bytes, as its topic computes them.
///
/// Peers choose identifiers freely and by the thousand, so hash codes are seeded per process and
/// the order lets a hash table survive what collisions remain.
public final class MessageId implements Comparable<MessageId> {
  public static final int MAX_BYTES = 128;

  private static final long SEED = new SecureRandom().nextLong() | 1;

  private final byte[] bytes;
  private final int hash;

  public MessageId(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException("message id of " + bytes.length + " bytes");
    }
    this.bytes = bytes;
    long h = SEED;
    for (byte b : bytes) {
      h = (h ^ b) * 0x100000001b3L;
      h ^= Long.rotateLeft(h, 23) * SEED;
    }
    hash = (int) (h >>> 32);
  }

  public byte[] bytes() {
    return bytes;
  }

  @Override
  public int compareTo(MessageId other) {
    return Arrays.compare(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MessageId id && hash == id.hash && Arrays.equals(bytes, id.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
