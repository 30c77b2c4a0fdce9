package io.semper.core.rlp;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.util.Arrays;

/// Reads RLP items one after the other from a byte array.
///
/// Every method throws [MalformedInputException] with the offset where the input is not canonical
/// or not of the wanted shape. Lengths are checked against the enclosing list before anything is
/// allocated.
public final class RlpReader {
  /// Deeper nesting than any Ethereum structure has.
  public static final int MAX_DEPTH = 1024;

  private final byte[] in;
  private int at;
  private int limit;
  private int[] limits = new int[8];
  private int depth;

  // The item last measured by header().
  private boolean itemIsList;
  private int payload;
  private int length;

  public RlpReader(byte[] input) {
    this(input, 0, input.length);
  }

  public RlpReader(byte[] input, int offset, int length) {
    in = input;
    at = offset;
    limit = offset + length;
  }

  /// Bytes from the start of the array to the next item.
  public int offset() {
    return at;
  }

  /// Whether the list being read (or the input, outside of lists) has another item.
  public boolean hasNext() {
    return at < limit;
  }

  public boolean nextIsList() {
    header();
    return itemIsList;
  }

  public void enterList() {
    header();
    if (!itemIsList) {
      throw malformed("expected a list, found a string");
    }
    if (depth == MAX_DEPTH) {
      throw malformed("lists nested deeper than " + MAX_DEPTH);
    }
    if (depth == limits.length) {
      limits = Arrays.copyOf(limits, depth * 2);
    }
    limits[depth++] = limit;
    at = payload;
    limit = payload + length;
  }

  /// Leaves a list that must have been read to its end.
  public void leaveList() {
    if (at != limit) {
      throw malformed("list has more items than expected");
    }
    limit = limits[--depth];
  }

  /// Checks that nothing follows the items read.
  public void end() {
    if (depth != 0 || at != limit) {
      throw malformed("trailing bytes");
    }
  }

  public byte[] readBytes() {
    string();
    at = payload + length;
    return Arrays.copyOfRange(in, payload, at);
  }

  /// A string of at most `max` bytes.
  public byte[] readBytesUpTo(int max) {
    string();
    if (length > max) {
      throw malformed("string of " + length + " bytes, at most " + max + " allowed");
    }
    return readBytes();
  }

  public byte[] readBytes(int exactly) {
    exact(exactly);
    return readBytes();
  }

  public Hash32 readHash() {
    exact(32);
    at = payload + 32;
    return Hash32.of(in, payload);
  }

  public Address readAddress() {
    exact(20);
    at = payload + 20;
    return Address.of(in, payload);
  }

  /// An address, or `null` for the empty string (a transaction that creates a contract).
  public Address readAddressOrEmpty() {
    string();
    if (length == 0) {
      at = payload;
      return null;
    }
    return readAddress();
  }

  /// A canonical unsigned number of at most 256 bits.
  public UInt256 readNumber() {
    number(32);
    at = payload + length;
    return UInt256.of(in, payload, length);
  }

  /// A canonical unsigned number of at most 64 bits, to be treated as unsigned.
  public long readUnsignedLong() {
    number(8);
    long value = 0;
    for (int i = 0; i < length; i++) {
      value = value << 8 | (in[payload + i] & 0xFF);
    }
    at = payload + length;
    return value;
  }

  /// A canonical unsigned number below 2^63.
  public long readLong() {
    int start = at;
    long value = readUnsignedLong();
    if (value < 0) {
      throw new MalformedInputException("number exceeds 63 bits", start);
    }
    return value;
  }

  /// The next item whole, prefix included.
  public byte[] readRaw() {
    header();
    int start = at;
    at = payload + length;
    return Arrays.copyOfRange(in, start, at);
  }

  public void skip() {
    header();
    at = payload + length;
  }

  private void exact(int wanted) {
    string();
    if (length != wanted) {
      throw malformed("string of " + length + " bytes, expected " + wanted);
    }
  }

  private void number(int maxBytes) {
    string();
    if (length > maxBytes) {
      throw malformed("number of " + length + " bytes, at most " + maxBytes + " allowed");
    }
    if (length > 0 && in[payload] == 0) {
      throw malformed("number with leading zero");
    }
  }

  private void string() {
    header();
    if (itemIsList) {
      throw malformed("expected a string, found a list");
    }
  }

  /// Measures the next item without consuming it.
  private void header() {
    if (at >= limit) {
      throw malformed("missing item");
    }
    int prefix = in[at] & 0xFF;
    itemIsList = prefix >= 0xC0;
    if (prefix < 0x80) {
      payload = at;
      length = 1;
      return;
    }
    int base = itemIsList ? 0xC0 : 0x80;
    if (prefix <= base + 55) {
      payload = at + 1;
      length = prefix - base;
      if (length > limit - payload) {
        throw malformed("item of " + length + " bytes exceeds its container");
      }
      if (!itemIsList && length == 1 && in[payload] >= 0) {
        throw malformed("single byte below 0x80 with a prefix");
      }
      return;
    }
    int n = prefix - base - 55;
    if (n > limit - at - 1) {
      throw malformed("length cut off");
    }
    if (in[at + 1] == 0) {
      throw malformed("length with leading zero");
    }
    long value = 0;
    for (int i = 1; i <= n; i++) {
      if (value > Integer.MAX_VALUE) {
        throw malformed("item exceeds its container");
      }
      value = value << 8 | (in[at + i] & 0xFF);
    }
    if (value < 56) {
      throw malformed("long form used for a short length");
    }
    payload = at + 1 + n;
    if (value > limit - payload) {
      throw malformed("item of " + value + " bytes exceeds its container");
    }
    length = (int) value;
  }

  private MalformedInputException malformed(String problem) {
    return new MalformedInputException(problem, at);
  }
}
