package io.semper.p2p.wire;

import io.semper.core.rlp.MalformedInputException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// Unsigned varints (multiformats): seven bits a byte, least significant first.
///
/// The strict readers take the minimal form only and at most nine bytes, so a value is never
/// negative. Protocol buffers allow ten bytes and padding; [ProtoReader] reads those.
public final class Varint {
  public static final int MAX_BYTES = 9;

  private Varint() {}

  /// The number of bytes [#write] takes, also for values that are negative as a `long`.
  public static int size(long value) {
    return Math.max(1, (64 - Long.numberOfLeadingZeros(value) + 6) / 7);
  }

  /// @return the position after the last byte written
  public static int write(long value, byte[] out, int position) {
    long rest = value;
    int at = position;
    while ((rest & ~0x7fL) != 0) {
      out[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    out[at++] = (byte) rest;
    return at;
  }

  public static byte[] encode(long value) {
    byte[] out = new byte[size(value)];
    write(value, out, 0);
    return out;
  }

  /// Reads at the buffer's position and moves it past the value.
  ///
  /// @throws MalformedInputException if the value is cut short, longer than nine bytes or not
  ///   minimal
  public static long read(ByteBuffer in) {
    int start = in.position();
    long value = 0;
    for (int i = 0; i < MAX_BYTES; i++) {
      if (!in.hasRemaining()) {
        throw new MalformedInputException("varint cut short", in.position());
      }
      byte b = in.get();
      value |= (b & 0x7fL) << (7 * i);
      if (b >= 0) {
        if (b == 0 && i > 0) {
          throw new MalformedInputException("varint is not minimal", start);
        }
        return value;
      }
    }
    throw new MalformedInputException("varint longer than 9 bytes", start);
  }

  /// The same from a flow of bytes, see [#read(InputStream, long)].
  public static long read(Duplex in, long max) throws IOException {
    byte[] one = new byte[1];
    return read((Source) () -> in.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff, max);
  }

  /// Reads one value from a stream, byte by byte.
  ///
  /// @param max the largest value accepted
  /// @return the value, or -1 if the stream ended before its first byte
  /// @throws EOFException if the stream ends within the value
  public static long read(InputStream in, long max) throws IOException {
    return read((Source) in::read, max);
  }

  /// Gives byte after byte, and -1 at the end.
  private interface Source {
    int next() throws IOException;
  }

  private static long read(Source in, long max) throws IOException {
    long value = 0;
    for (int i = 0; i < MAX_BYTES; i++) {
      int b = in.next();
      if (b < 0) {
        if (i == 0) {
          return -1;
        }
        throw new EOFException("stream ended within a varint");
      }
      value |= (b & 0x7fL) << (7 * i);
      if (b < 0x80) {
        if (b == 0 && i > 0) {
          throw new MalformedInputException("varint is not minimal", i);
        }
        if (value > max) {
          throw new MalformedInputException("length " + value + " above the limit " + max, i);
        }
        return value;
      }
    }
    throw new MalformedInputException("varint longer than 9 bytes", MAX_BYTES);
  }
}
