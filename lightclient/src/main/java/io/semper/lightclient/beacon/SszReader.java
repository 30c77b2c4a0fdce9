package io.semper.lightclient.beacon;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import java.util.Arrays;

/// Reads one container of Simple Serialize: its fixed part in order, then its variable parts, which
/// have to fill the rest without gaps, as the encoding is unique. Nothing is allocated before its
/// length is known to be there.
final class SszReader {
  private final byte[] in;
  private final int from;
  private final int to;
  private int at;

  /// Where the variable part begins that was announced last, or -1.
  private int open = -1;

  SszReader(byte[] in) {
    this(in, 0, in.length);
  }

  private SszReader(byte[] in, int from, int to) {
    this.in = in;
    this.from = from;
    this.to = to;
    at = from;
  }

  private void need(int bytes) {
    if (to - at < bytes) {
      throw new MalformedInputException(
          "container ends after " + (to - from) + " bytes, " + bytes + " more expected", at);
    }
  }

  long uint64() {
    need(Long.BYTES);
    long value = Long.reverseBytes(BigEndian.getLong(in, at));
    at += Long.BYTES;
    return value;
  }

  Hash32 hash() {
    need(Hash32.BYTES);
    Hash32 value = Hash32.of(in, at);
    at += Hash32.BYTES;
    return value;
  }

  Hash32[] hashes(int count) {
    need(count * Hash32.BYTES);
    Hash32[] values = new Hash32[count];
    for (int i = 0; i < count; i++) {
      values[i] = hash();
    }
    return values;
  }

  byte[] bytes(int count) {
    need(count);
    byte[] value = Arrays.copyOfRange(in, at, at + count);
    at += count;
    return value;
  }

  /// A part of fixed length inside this one.
  SszReader part(int bytes) {
    need(bytes);
    at += bytes;
    return new SszReader(in, at - bytes, at);
  }

  /// Reads where a variable part begins.
  int offset() {
    need(Integer.BYTES);
    int value = Integer.reverseBytes(BigEndian.getInt(in, at));
    at += Integer.BYTES;
    if (value < 0 || value > to - from) {
      throw new MalformedInputException("offset outside of the container", at - Integer.BYTES);
    }
    return value;
  }

  /// The variable part from one offset to the next; the first follows the fixed part.
  SszReader variable(int offset, int end) {
    int expected = open < 0 ? at - from : open;
    if (offset != expected || end < offset) {
      throw new MalformedInputException(
          "variable part at " + offset + " where " + expected + " is its place", from);
    }
    open = end;
    at = from + end;
    return new SszReader(in, from + offset, from + end);
  }

  int length() {
    return to - from;
  }

  byte[] rest() {
    return bytes(to - at);
  }

  /// Everything has been read.
  void end() {
    if (at != to) {
      throw new MalformedInputException(to - at + " bytes too many in the container", at);
    }
  }
}
