package io.semper.p2p.identity;

import io.semper.core.rlp.MalformedInputException;
import java.util.Arrays;

/// Base32 of RFC 4648 in lower case without padding (multibase `b`).
final class Base32 {
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

  private Base32() {}

  static String encode(byte[] bytes) {
    StringBuilder out = new StringBuilder((bytes.length * 8 + 4) / 5);
    int bits = 0;
    int held = 0;
    for (byte b : bytes) {
      held = held << 8 | b & 0xff;
      for (bits += 8; bits >= 5; bits -= 5) {
        out.append(ALPHABET.charAt(held >>> bits - 5 & 31));
      }
    }
    if (bits > 0) {
      out.append(ALPHABET.charAt(held << 5 - bits & 31));
    }
    return out.toString();
  }

  static byte[] decode(String text) {
    byte[] out = new byte[text.length() * 5 / 8];
    int bits = 0;
    int held = 0;
    int at = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = ALPHABET.indexOf(text.charAt(i));
      if (digit < 0) {
        throw new MalformedInputException("not a base32 character", i);
      }
      held = held << 5 | digit;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        out[at++] = (byte) (held >>> bits);
      }
    }
    if (bits >= 5 || (held & (1 << bits) - 1) != 0) {
      throw new MalformedInputException("base32 text with stray bits", text.length());
    }
    return Arrays.copyOf(out, at);
  }
}
