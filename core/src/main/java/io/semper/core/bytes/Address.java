package io.semper.core.bytes;

/// A 20-byte account address.
public final class Address implements Comparable<Address> {
  public static final int BYTES = 20;
  public static final Address ZERO = new Address(0, 0, 0);

  private final int high;
  private final long middle;
  private final long low;

  private Address(int high, long middle, long low) {
    this.high = high;
    this.middle = middle;
    this.low = low;
  }

  /// From the 160 bits `high ‖ middle ‖ low`.
  public static Address of(int high, long middle, long low) {
    return new Address(high, middle, low);
  }

  /// Reads 20 bytes at `offset`.
  public static Address of(byte[] bytes, int offset) {
    return new Address(
        BigEndian.getInt(bytes, offset),
        BigEndian.getLong(bytes, offset + 4),
        BigEndian.getLong(bytes, offset + 12));
  }

  /// From exactly 20 bytes.
  public static Address of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("address of " + bytes.length + " bytes, expected 20");
    }
    return of(bytes, 0);
  }

  /// From 40 hexadecimal digits with or without `0x`.
  public static Address of(String hex) {
    return of(Hex.decode(hex));
  }

  /// The address whose value is the given small number, as precompiles have.
  public static Address of(long number) {
    return new Address(0, 0, number);
  }

  public int high() {
    return high;
  }

  public long middle() {
    return middle;
  }

  public long low() {
    return low;
  }

  public byte[] toBytes() {
    byte[] out = new byte[BYTES];
    writeTo(out, 0);
    return out;
  }

  public void writeTo(byte[] out, int offset) {
    BigEndian.putInt(out, offset, high);
    BigEndian.putLong(out, offset + 4, middle);
    BigEndian.putLong(out, offset + 12, low);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Address a && a.low == low && a.middle == middle && a.high == high;
  }

  @Override
  public int hashCode() {
    return HashSeed.mix(high, middle, low, 0);
  }

  @Override
  public int compareTo(Address other) {
    int c = Integer.compareUnsigned(high, other.high);
    if (c == 0) c = Long.compareUnsigned(middle, other.middle);
    return c == 0 ? Long.compareUnsigned(low, other.low) : c;
  }

  @Override
  public String toString() {
    return Hex.encode(toBytes());
  }
}
