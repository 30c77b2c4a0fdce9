package io.semper.p2p.identity;

import io.semper.core.rlp.MalformedInputException;
import java.util.Arrays;

/// Base58 in Bitcoin's alphabet, without a multibase prefix: how peer ids are written.
public final class Base58 {
  /// Work grows with the square of the length, and no peer id is longer than this.
  public static final int MAX_CHARS = 128;

  private static final char[] ALPHABET =
      "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".toCharArray();
  private static final int[] DIGITS = new int[128];

  static {
    Arrays.fill(DIGITS, -1);
    for (int i = 0; i < ALPHABET.length; i++) {
      DIGITS[ALPHABET[i]] = i;
    }
  }

  private Base58() {}

  public static String encode(byte[] bytes) {
    byte[] number = bytes.clone();
    int zeros = 0;
    while (zeros < number.length && number[zeros] == 0) {
      zeros++;
    }
    char[] out = new char[number.length * 2];
    int at = out.length;
    for (int start = zeros; start < number.length; ) {
      out[--at] = ALPHABET[divide(number, start, 256, 58)];
      if (number[start] == 0) {
        start++;
      }
    }
    while (at < out.length && out[at] == ALPHABET[0]) {
      at++;
    }
    while (zeros-- > 0) {
      out[--at] = ALPHABET[0];
    }
    return new String(out, at, out.length - at);
  }

  /// @throws MalformedInputException if the text is longer than [#MAX_CHARS] or holds another
  ///   character
  public static byte[] decode(String text) {
    if (text.length() > MAX_CHARS) {
      throw new MalformedInputException("base58 text too long", MAX_CHARS);
    }
    byte[] number = new byte[text.length()];
    for (int i = 0; i < number.length; i++) {
      char c = text.charAt(i);
      int digit = c < 128 ? DIGITS[c] : -1;
      if (digit < 0) {
        throw new MalformedInputException("not a base58 character", i);
      }
      number[i] = (byte) digit;
    }
    int zeros = 0;
    while (zeros < number.length && number[zeros] == 0) {
      zeros++;
    }
    byte[] out = new byte[number.length];
    int at = out.length;
    for (int start = zeros; start < number.length; ) {
      out[--at] = (byte) divide(number, start, 58, 256);
      if (number[start] == 0) {
        start++;
      }
    }
    while (at < out.length && out[at] == 0) {
      at++;
    }
    return Arrays.copyOfRange(out, at - zeros, out.length);
  }

  /// Divides the digits in place and returns the remainder.
  private static int divide(byte[] number, int start, int base, int divisor) {
    int remainder = 0;
    for (int i = start; i < number.length; i++) {
      int value = remainder * base + (number[i] & 0xff);
      number[i] = (byte) (value / divisor);
      remainder = value % divisor;
    }
    return remainder;
  }
}
