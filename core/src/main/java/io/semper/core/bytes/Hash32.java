package io.semper.core.bytes;

/// 32 bytes: a hash, a root, or anything compared byte by byte. Ordered as unsigned bytes.
public final class Hash32 implements Comparable<Hash32> {
  public static final int BYTES = 32;
  public static final Hash32 ZERO = new Hash32(0, 0, 0, 0);

  private final long a;
  private final long b;
  private final long c;
  private final long d;

  private Hash32(long a, long b, long c, long d) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }

  /// From four big-endian 64-bit parts, first part first.
  public static Hash32 of(long a, long b, long c, long d) {
    return new Hash32(a, b, c, d);
  }

  /// Reads 32 bytes at `offset`.
  public static Hash32 of(byte[] bytes, int offset) {
    return new Hash32(
        BigEndian.getLong(bytes, offset),
        BigEndian.getLong(bytes, offset + 8),
        BigEndian.getLong(bytes, offset + 16),
        BigEndian.getLong(bytes, offset + 24));
  }

  /// From exactly 32 bytes.
  public static Hash32 of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("hash of " + bytes.length + " bytes, expected 32");
    }
    return of(bytes, 0);
  }

  /// From 64 hexadecimal digits with or without `0x`.
  public static Hash32 of(String hex) {
    return of(Hex.decode(hex));
  }

  /// The same 256 bits read as a number.
  public UInt256 toUInt256() {
    return UInt256.of(d, c, b, a);
  }

  public byte[] toBytes() {
    byte[] out = new byte[BYTES];
    writeTo(out, 0);
    return out;
  }

  public void writeTo(byte[] out, int offset) {
    BigEndian.putLong(out, offset, a);
    BigEndian.putLong(out, offset + 8, b);
    BigEndian.putLong(out, offset + 16, c);
    BigEndian.putLong(out, offset + 24, d);
  }

  /// 4-bit digit `index` of the 64, most significant first: a step on a trie path.
  public int nibble(int index) {
    long part =
        switch (index >>> 4) {
          case 0 -> a;
          case 1 -> b;
          case 2 -> c;
          default -> d;
        };
    return (int) (part >>> (60 - 4 * (index & 15))) & 15;
  }

  public boolean isZero() {
    return (a | b | c | d) == 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Hash32 h && h.a == a && h.b == b && h.c == c && h.d == d;
  }

  @Override
  public int hashCode() {
    return HashSeed.mix(a, b, c, d);
  }

  @Override
  public int compareTo(Hash32 o) {
    int r = Long.compareUnsigned(a, o.a);
    if (r == 0) r = Long.compareUnsigned(b, o.b);
    if (r == 0) r = Long.compareUnsigned(c, o.c);
    return r == 0 ? Long.compareUnsigned(d, o.d) : r;
  }

  @Override
  public String toString() {
    return Hex.encode(toBytes());
  }
}
