package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import java.util.Arrays;
import java.util.List;

/// The 2048-bit filter over the addresses and topics of logs (Yellow Paper, section 4.3.1).
public final class Bloom {
  public static final int BYTES = 256;
  public static final Bloom EMPTY = new Bloom(new byte[BYTES]);

  private final byte[] bits;

  private Bloom(byte[] bits) {
    this.bits = bits;
  }

  /// From exactly 256 bytes.
  public static Bloom of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("bloom of " + bytes.length + " bytes, expected 256");
    }
    return new Bloom(bytes);
  }

  public static Bloom ofLogs(List<Log> logs) {
    if (logs.isEmpty()) {
      return EMPTY;
    }
    byte[] bits = new byte[BYTES];
    for (Log log : logs) {
      set(bits, log.address().toBytes());
      for (Hash32 topic : log.topics()) {
        set(bits, topic.toBytes());
      }
    }
    return new Bloom(bits);
  }

  public static Bloom union(List<Receipt> receipts) {
    byte[] bits = new byte[BYTES];
    for (Receipt receipt : receipts) {
      if (receipt.bloom() != EMPTY) {
        for (int i = 0; i < BYTES; i++) {
          bits[i] |= receipt.bloom().bits[i];
        }
      }
    }
    return new Bloom(bits);
  }

  /// False where no log can hold this address.
  public boolean mayContain(Address address) {
    return contains(address.toBytes());
  }

  /// False where no log can hold this topic.
  public boolean mayContain(Hash32 topic) {
    return contains(topic.toBytes());
  }

  /// The filter of this address alone, for [#covers] on many others.
  public static Bloom of(Address address) {
    byte[] bits = new byte[BYTES];
    set(bits, address.toBytes());
    return new Bloom(bits);
  }

  /// The filter of this topic alone, for [#covers] on many others.
  public static Bloom of(Hash32 topic) {
    byte[] bits = new byte[BYTES];
    set(bits, topic.toBytes());
    return new Bloom(bits);
  }

  /// Whether every bit of the other filter is set here too.
  public boolean covers(Bloom other) {
    for (int i = 0; i < BYTES; i += Long.BYTES) {
      if ((BigEndian.getLong(other.bits, i) & ~BigEndian.getLong(bits, i)) != 0) {
        return false;
      }
    }
    return true;
  }

  public byte[] toBytes() {
    return bits;
  }

  private boolean contains(byte[] value) {
    Hash32 hash = Keccak.hash(value);
    for (int i = 0; i < 3; i++) {
      int bit = bit(hash, i);
      if ((bits[BYTES - 1 - bit / 8] & 1 << (bit & 7)) == 0) {
        return false;
      }
    }
    return true;
  }

  private static void set(byte[] bits, byte[] value) {
    Hash32 hash = Keccak.hash(value);
    for (int i = 0; i < 3; i++) {
      int bit = bit(hash, i);
      bits[BYTES - 1 - bit / 8] |= (byte) (1 << (bit & 7));
    }
  }

  /// The low 11 bits of the hash's 16-bit word `i`.
  private static int bit(Hash32 hash, int i) {
    int n = 4 * i;
    return (hash.nibble(n + 1) & 7) << 8 | hash.nibble(n + 2) << 4 | hash.nibble(n + 3);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bloom b && Arrays.equals(b.bits, bits);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bits);
  }
}
