package io.semper.core.bytes;

import java.util.HexFormat;

/// Hexadecimal text as Ethereum writes it: lower case, prefixed with `0x`.
public final class Hex {
  private static final HexFormat FORMAT = HexFormat.of();

  private Hex() {}

  /// `0x` and two digits a byte.
  public static String encode(byte[] bytes) {
    return "0x" + FORMAT.formatHex(bytes);
  }

  /// Reads an even number of digits with or without `0x`.
  ///
  /// @throws IllegalArgumentException naming what is wrong
  public static byte[] decode(String text) {
    int start = text.startsWith("0x") || text.startsWith("0X") ? 2 : 0;
    if ((text.length() - start) % 2 != 0) {
      throw new IllegalArgumentException("hex string of odd length");
    }
    return FORMAT.parseHex(text, start, text.length());
  }
}
