package io.semper.core.rlp;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.util.Arrays;

/// Appends RLP items to a growing buffer.
///
/// A list is opened, filled and closed; its prefix is inserted on closing, so nothing needs to know
/// sizes beforehand.
public final class RlpWriter {
  private byte[] out;
  private int size;
  private int[] listStarts = new int[8];
  private int depth;

  public RlpWriter() {
    this(256);
  }

  public RlpWriter(int capacity) {
    out = new byte[capacity];
  }

  public RlpWriter startList() {
    if (depth == listStarts.length) {
      listStarts = Arrays.copyOf(listStarts, depth * 2);
    }
    listStarts[depth++] = size;
    return this;
  }

  public RlpWriter endList() {
    int start = listStarts[--depth];
    int length = size - start;
    int prefix = prefixSize(length);
    reserve(prefix);
    System.arraycopy(out, start, out, start + prefix, length);
    writePrefix(start, length, 0xC0);
    size += prefix;
    return this;
  }

  /// A byte string.
  public RlpWriter bytes(byte[] value) {
    return bytes(value, 0, value.length);
  }

  public RlpWriter bytes(byte[] value, int offset, int length) {
    reserve(length + 9);
    if (length == 1 && value[offset] >= 0) {
      out[size++] = value[offset];
      return this;
    }
    size += writePrefix(size, length, 0x80);
    System.arraycopy(value, offset, out, size, length);
    size += length;
    return this;
  }

  /// An unsigned 64-bit number without leading zeros.
  public RlpWriter number(long unsigned) {
    reserve(9);
    if (unsigned >= 0 && unsigned < 0x80) {
      out[size++] = unsigned == 0 ? (byte) 0x80 : (byte) unsigned;
      return this;
    }
    int n = (71 - Long.numberOfLeadingZeros(unsigned)) / 8;
    out[size++] = (byte) (0x80 + n);
    for (int shift = 8 * (n - 1); shift >= 0; shift -= 8) {
      out[size++] = (byte) (unsigned >>> shift);
    }
    return this;
  }

  public RlpWriter number(UInt256 value) {
    return value.fitsLong() ? number(value.limb0()) : bytes(value.toMinimalBytes());
  }

  public RlpWriter hash(Hash32 value) {
    reserve(33);
    out[size++] = (byte) 0xA0;
    value.writeTo(out, size);
    size += 32;
    return this;
  }

  public RlpWriter address(Address value) {
    reserve(21);
    out[size++] = (byte) 0x94;
    value.writeTo(out, size);
    size += 20;
    return this;
  }

  /// An item that is RLP already.
  public RlpWriter raw(byte[] encoded) {
    reserve(encoded.length);
    System.arraycopy(encoded, 0, out, size, encoded.length);
    size += encoded.length;
    return this;
  }

  public byte[] toBytes() {
    if (depth != 0) {
      throw new IllegalStateException(depth + " lists still open");
    }
    return Arrays.copyOf(out, size);
  }

  private static int prefixSize(int length) {
    return length < 56 ? 1 : 1 + (39 - Integer.numberOfLeadingZeros(length)) / 8;
  }

  /// Writes at `at` without moving `size`; returns the bytes written.
  private int writePrefix(int at, int length, int base) {
    if (length < 56) {
      out[at] = (byte) (base + length);
      return 1;
    }
    int n = (39 - Integer.numberOfLeadingZeros(length)) / 8;
    out[at] = (byte) (base + 55 + n);
    for (int i = 1; i <= n; i++) {
      out[at + i] = (byte) (length >>> (8 * (n - i)));
    }
    return 1 + n;
  }

  private void reserve(int extra) {
    if (out.length - size < extra) {
      out = Arrays.copyOf(out, Math.max(out.length * 2, size + extra));
    }
  }
}
