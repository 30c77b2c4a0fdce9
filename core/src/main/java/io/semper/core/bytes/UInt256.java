package io.semper.core.bytes;

import java.math.BigInteger;
import java.util.Arrays;

/// An unsigned 256-bit number for balances, fees and storage words at API borders.
///
/// Hot code works on `long[]` through [Limbs] instead. Limb 0 is the least significant.
public final class UInt256 implements Comparable<UInt256> {
  public static final UInt256 ZERO = new UInt256(0, 0, 0, 0);
  public static final UInt256 ONE = new UInt256(1, 0, 0, 0);
  public static final UInt256 MAX = new UInt256(-1, -1, -1, -1);

  private final long l0;
  private final long l1;
  private final long l2;
  private final long l3;

  private UInt256(long l0, long l1, long l2, long l3) {
    this.l0 = l0;
    this.l1 = l1;
    this.l2 = l2;
    this.l3 = l3;
  }

  /// From four limbs, least significant first.
  public static UInt256 of(long l0, long l1, long l2, long l3) {
    return (l0 | l1 | l2 | l3) == 0 ? ZERO : new UInt256(l0, l1, l2, l3);
  }

  /// From an unsigned 64-bit number.
  public static UInt256 of(long unsigned) {
    return of(unsigned, 0, 0, 0);
  }

  /// @throws IllegalArgumentException when negative or wider than 256 bits
  public static UInt256 of(BigInteger value) {
    if (value.signum() < 0 || value.bitLength() > 256) {
      throw new IllegalArgumentException("not an unsigned 256-bit number: " + value);
    }
    return of(
        value.longValue(),
        value.shiftRight(64).longValue(),
        value.shiftRight(128).longValue(),
        value.shiftRight(192).longValue());
  }

  /// Reads up to 32 big-endian bytes.
  public static UInt256 of(byte[] bytes, int offset, int length) {
    if (length > 32) {
      throw new IllegalArgumentException("number of " + length + " bytes, at most 32 fit");
    }
    if (length == 32) {
      return of(
          BigEndian.getLong(bytes, offset + 24),
          BigEndian.getLong(bytes, offset + 16),
          BigEndian.getLong(bytes, offset + 8),
          BigEndian.getLong(bytes, offset));
    }
    long[] limbs = new long[4];
    for (int i = 0; i < length; i++) {
      int shift = length - 1 - i;
      limbs[shift >>> 3] |= (bytes[offset + i] & 0xFFL) << (8 * (shift & 7));
    }
    return of(limbs[0], limbs[1], limbs[2], limbs[3]);
  }

  public static UInt256 of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  /// From up to 64 hexadecimal digits after `0x`.
  public static UInt256 ofHex(String hex) {
    return of(new BigInteger(hex.startsWith("0x") ? hex.substring(2) : hex, 16));
  }

  public long limb0() {
    return l0;
  }

  public long limb1() {
    return l1;
  }

  public long limb2() {
    return l2;
  }

  public long limb3() {
    return l3;
  }

  public boolean isZero() {
    return (l0 | l1 | l2 | l3) == 0;
  }

  /// Whether the value fits an unsigned 64-bit `long`.
  public boolean fitsLong() {
    return (l1 | l2 | l3) == 0;
  }

  /// The value as a non-negative `long`, or `Long.MAX_VALUE` where it is larger.
  public long toLongSaturated() {
    return fitsLong() && l0 >= 0 ? l0 : Long.MAX_VALUE;
  }

  public int bitLength() {
    if (l3 != 0) return 256 - Long.numberOfLeadingZeros(l3);
    if (l2 != 0) return 192 - Long.numberOfLeadingZeros(l2);
    if (l1 != 0) return 128 - Long.numberOfLeadingZeros(l1);
    return 64 - Long.numberOfLeadingZeros(l0);
  }

  /// The sum modulo 2^256.
  public UInt256 plus(UInt256 o) {
    long r0 = l0 + o.l0;
    long c = Long.compareUnsigned(r0, l0) < 0 ? 1 : 0;
    long t = l1 + o.l1;
    long c1 = Long.compareUnsigned(t, l1) < 0 ? 1 : 0;
    long r1 = t + c;
    c = c1 | (Long.compareUnsigned(r1, t) < 0 ? 1 : 0);
    t = l2 + o.l2;
    c1 = Long.compareUnsigned(t, l2) < 0 ? 1 : 0;
    long r2 = t + c;
    c = c1 | (Long.compareUnsigned(r2, t) < 0 ? 1 : 0);
    return of(r0, r1, r2, l3 + o.l3 + c);
  }

  /// The difference modulo 2^256.
  public UInt256 minus(UInt256 o) {
    long r0 = l0 - o.l0;
    long b = Long.compareUnsigned(l0, o.l0) < 0 ? 1 : 0;
    long t = l1 - o.l1;
    long b1 = Long.compareUnsigned(l1, o.l1) < 0 ? 1 : 0;
    long r1 = t - b;
    b = b1 | (Long.compareUnsigned(t, b) < 0 ? 1 : 0);
    t = l2 - o.l2;
    b1 = Long.compareUnsigned(l2, o.l2) < 0 ? 1 : 0;
    long r2 = t - b;
    b = b1 | (Long.compareUnsigned(t, b) < 0 ? 1 : 0);
    return of(r0, r1, r2, l3 - o.l3 - b);
  }

  /// The product with an unsigned 64-bit number, or `null` where it exceeds 256 bits.
  public UInt256 timesExact(long unsigned) {
    if (unsigned == 0 || isZero()) return ZERO;
    long r0 = l0 * unsigned;
    long carry = Math.unsignedMultiplyHigh(l0, unsigned);
    long p = l1 * unsigned;
    long r1 = p + carry;
    carry = Math.unsignedMultiplyHigh(l1, unsigned) + (Long.compareUnsigned(r1, p) < 0 ? 1 : 0);
    p = l2 * unsigned;
    long r2 = p + carry;
    carry = Math.unsignedMultiplyHigh(l2, unsigned) + (Long.compareUnsigned(r2, p) < 0 ? 1 : 0);
    p = l3 * unsigned;
    long r3 = p + carry;
    carry = Math.unsignedMultiplyHigh(l3, unsigned) + (Long.compareUnsigned(r3, p) < 0 ? 1 : 0);
    return carry == 0 ? of(r0, r1, r2, r3) : null;
  }

  /// The sum, or `null` where it exceeds 256 bits.
  public UInt256 plusExact(UInt256 o) {
    UInt256 sum = plus(o);
    return sum.compareTo(this) < 0 ? null : sum;
  }

  public static UInt256 min(UInt256 a, UInt256 b) {
    return a.compareTo(b) <= 0 ? a : b;
  }

  public BigInteger toBigInteger() {
    return new BigInteger(1, toBytes());
  }

  /// The 256 bits as 32 big-endian bytes.
  public Hash32 toHash32() {
    return Hash32.of(l3, l2, l1, l0);
  }

  public byte[] toBytes() {
    byte[] out = new byte[32];
    writeTo(out, 0);
    return out;
  }

  public void writeTo(byte[] out, int offset) {
    BigEndian.putLong(out, offset, l3);
    BigEndian.putLong(out, offset + 8, l2);
    BigEndian.putLong(out, offset + 16, l1);
    BigEndian.putLong(out, offset + 24, l0);
  }

  /// Big-endian without leading zeros; empty for zero, as RLP wants numbers.
  public byte[] toMinimalBytes() {
    int n = (bitLength() + 7) / 8;
    byte[] full = toBytes();
    return Arrays.copyOfRange(full, 32 - n, 32);
  }

  /// JSON-RPC quantity: `0x`, no leading zeros, `0x0` for zero.
  public String toHex() {
    return "0x" + toBigInteger().toString(16);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UInt256 u && u.l0 == l0 && u.l1 == l1 && u.l2 == l2 && u.l3 == l3;
  }

  @Override
  public int hashCode() {
    return HashSeed.mix(l3, l2, l1, l0);
  }

  @Override
  public int compareTo(UInt256 o) {
    int c = Long.compareUnsigned(l3, o.l3);
    if (c == 0) c = Long.compareUnsigned(l2, o.l2);
    if (c == 0) c = Long.compareUnsigned(l1, o.l1);
    return c == 0 ? Long.compareUnsigned(l0, o.l0) : c;
  }

  /// Decimal digits.
  @Override
  public String toString() {
    return fitsLong() ? Long.toUnsignedString(l0) : toBigInteger().toString();
  }
}
