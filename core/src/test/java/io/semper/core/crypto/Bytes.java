package io.semper.core.crypto;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.HexFormat;

/// Byte strings of precompile input.
final class Bytes {
  private Bytes() {}

  static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /// A number as so many big-endian bytes.
  static byte[] fixed(BigInteger k, int length) {
    byte[] magnitude = k.toByteArray();
    byte[] out = new byte[length];
    int n = Math.min(length, magnitude.length);
    System.arraycopy(magnitude, magnitude.length - n, out, length - n, n);
    return out;
  }
}
