package io.semper.rpc.json;

import com.fasterxml.jackson.core.SerializableString;
import io.semper.core.bytes.Hex;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/// Bytes as `0x` and two digits each, written straight into a generator's buffer. Most of what
/// nodes answer is such text, and nothing of it needs escaping.
record HexText(byte[] bytes) implements SerializableString {
  /// The two digits of each byte, the first in the lower eight bits.
  private static final short[] DIGITS = new short[256];

  static {
    for (int i = 0; i < DIGITS.length; i++) {
      DIGITS[i] = (short) (Character.forDigit(i >>> 4, 16) | Character.forDigit(i & 15, 16) << 8);
    }
  }

  @Override
  public String getValue() {
    return Hex.encode(bytes);
  }

  @Override
  public int charLength() {
    return 2 + 2 * bytes.length;
  }

  @Override
  public char[] asQuotedChars() {
    return getValue().toCharArray();
  }

  @Override
  public byte[] asUnquotedUTF8() {
    byte[] text = new byte[charLength()];
    appendUnquotedUTF8(text, 0);
    return text;
  }

  @Override
  public byte[] asQuotedUTF8() {
    return asUnquotedUTF8();
  }

  @Override
  public int appendUnquotedUTF8(byte[] buffer, int offset) {
    int length = charLength();
    if (buffer.length - offset < length) {
      return -1;
    }
    buffer[offset] = '0';
    buffer[offset + 1] = 'x';
    for (int i = 0, at = offset + 2; i < bytes.length; i++, at += 2) {
      short digits = DIGITS[bytes[i] & 0xFF];
      buffer[at] = (byte) digits;
      buffer[at + 1] = (byte) (digits >>> 8);
    }
    return length;
  }

  @Override
  public int appendQuotedUTF8(byte[] buffer, int offset) {
    return appendUnquotedUTF8(buffer, offset);
  }

  @Override
  public int appendUnquoted(char[] buffer, int offset) {
    String text = getValue();
    if (buffer.length - offset < text.length()) {
      return -1;
    }
    text.getChars(0, text.length(), buffer, offset);
    return text.length();
  }

  @Override
  public int appendQuoted(char[] buffer, int offset) {
    return appendUnquoted(buffer, offset);
  }

  @Override
  public int writeUnquotedUTF8(OutputStream out) throws IOException {
    out.write(asUnquotedUTF8());
    return charLength();
  }

  @Override
  public int writeQuotedUTF8(OutputStream out) throws IOException {
    return writeUnquotedUTF8(out);
  }

  @Override
  public int putUnquotedUTF8(ByteBuffer buffer) {
    if (buffer.remaining() < charLength()) {
      return -1;
    }
    buffer.put(asUnquotedUTF8());
    return charLength();
  }

  @Override
  public int putQuotedUTF8(ByteBuffer buffer) {
    return putUnquotedUTF8(buffer);
  }

  @Override
  public String toString() {
    return getValue();
  }
}
