package io.semper.evm.trace;

import io.semper.core.bytes.UInt256;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/// Text being put together, one byte a character, without an object for each piece.
final class AsciiBuffer {
  private static final byte[] DIGITS =
      "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  private byte[] bytes = new byte[4096];
  private int size;

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(bytes, 0, size);
  }

  private void reserve(int extra) {
    if (bytes.length - size < extra) {
      bytes =
          Arrays.copyOf(
              bytes,
              (int)
                  Math.min(
                      Integer.MAX_VALUE - 8, Math.max(2L * bytes.length, (long) size + extra)));
    }
  }

  /// ASCII characters only.
  void text(String ascii) {
    int length = ascii.length();
    reserve(length);
    for (int i = 0; i < length; i++) {
      bytes[size++] = (byte) ascii.charAt(i);
    }
  }

  void text(AsciiBuffer other) {
    reserve(other.size);
    System.arraycopy(other.bytes, 0, bytes, size, other.size);
    size += other.size;
  }

  /// Unsigned.
  void decimal(long value) {
    if (value < 0) {
      text(Long.toUnsignedString(value));
      return;
    }
    reserve(19);
    int digits = 1;
    for (long rest = value / 10; rest != 0; rest /= 10) {
      digits++;
    }
    for (int i = digits - 1; i >= 0; i--) {
      bytes[size + i] = (byte) ('0' + value % 10);
      value /= 10;
    }
    size += digits;
  }

  /// `0x` and digits without leading zeros.
  void quantity(UInt256 value) {
    hex(value, Math.max(1, (value.bitLength() + 3) / 4));
  }

  /// `0x` and 64 digits.
  void word(UInt256 value) {
    hex(value, 64);
  }

  private void hex(UInt256 value, int digits) {
    reserve(digits + 2);
    bytes[size++] = '0';
    bytes[size++] = 'x';
    for (int i = digits - 1; i >= 0; i--) {
      long limb =
          switch (i >>> 4) {
            case 0 -> value.limb0();
            case 1 -> value.limb1();
            case 2 -> value.limb2();
            default -> value.limb3();
          };
      bytes[size++] = DIGITS[(int) (limb >>> 4 * (i & 15)) & 15];
    }
  }

  /// `0x` and two digits a byte.
  void hex(byte[] source, int offset, int length) {
    reserve(2 * length + 2);
    bytes[size++] = '0';
    bytes[size++] = 'x';
    for (int i = offset; i < offset + length; i++) {
      bytes[size++] = DIGITS[source[i] >> 4 & 15];
      bytes[size++] = DIGITS[source[i] & 15];
    }
  }
}
