package io.semper.p2p.wire;

import io.semper.core.rlp.MalformedInputException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// Snappy's block format: a length, then literals and copies of what came before.
public final class Snappy {
  /// Input is compressed in independent pieces of this size.
  private static final int BLOCK_BYTES = 1 << 16;

  private static final int HASH_BITS = 14;

  /// Bytes at the end of a block left as literals, so that four can always be looked at.
  private static final int MARGIN = 15;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private Snappy() {}

  /// The checksum of uncompressed data in the framing format: a CRC-32C, rotated and shifted.
  public static int maskedChecksum(byte[] data, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, offset, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  /// Longest compressed form of `length` bytes.
  public static int maxCompressedLength(int length) {
    return Math.addExact(32, Math.addExact(length, length / 6));
  }

  /// The length that compressed data claims for its uncompressed form: to be checked before
  /// anything is allocated.
  public static long uncompressedLength(byte[] in, int offset, int length) {
    return Varint.read(ByteBuffer.wrap(in, offset, length));
  }

  public static byte[] compress(byte[] in, int offset, int length) {
    byte[] out = new byte[maxCompressedLength(length)];
    int at = Varint.write(length, out, 0);
    short[] table = new short[1 << HASH_BITS];
    for (int done = 0; done < length; done += BLOCK_BYTES) {
      if (done > 0) {
        Arrays.fill(table, (short) 0);
      }
      int end = offset + Math.min(length, done + BLOCK_BYTES);
      at = compressBlock(in, offset + done, end, out, at, table);
    }
    return Arrays.copyOf(out, at);
  }

  private static int compressBlock(
      byte[] in, int start, int end, byte[] out, int position, short[] table) {
    int at = position;
    int literal = start;
    int next = start + 1;
    int skip = 32;
    while (next < end - MARGIN) {
      int word = (int) INT.get(in, next);
      int hash = word * 0x1e35a7bd >>> 32 - HASH_BITS;
      int candidate = start + (table[hash] & 0xffff);
      table[hash] = (short) (next - start);
      if (candidate >= next || (int) INT.get(in, candidate) != word) {
        // Data that does not compress is passed over faster and faster.
        next += skip++ >>> 5;
        continue;
      }
      at = literal(in, literal, next - literal, out, at);
      int matched = next + 4;
      int from = candidate + 4;
      while (matched < end && in[matched] == in[from]) {
        matched++;
        from++;
      }
      at = copy(next - candidate, matched - next, out, at);
      next = matched;
      literal = matched;
      skip = 32;
    }
    return literal(in, literal, end - literal, out, at);
  }

  private static int literal(byte[] in, int offset, int length, byte[] out, int position) {
    if (length == 0) {
      return position;
    }
    int at = position;
    int n = length - 1;
    if (n < 60) {
      out[at++] = (byte) (n << 2);
    } else if (n < 256) {
      out[at++] = (byte) (60 << 2);
      out[at++] = (byte) n;
    } else {
      out[at++] = (byte) (61 << 2);
      out[at++] = (byte) n;
      out[at++] = (byte) (n >>> 8);
    }
    System.arraycopy(in, offset, out, at, length);
    return at + length;
  }

  private static int copy(int distance, int length, byte[] out, int position) {
    int at = position;
    int left = length;
    while (left > 0) {
      // What remains after a piece must be long enough for a copy of its own.
      int n = left >= 68 ? 64 : left > 64 ? 60 : left;
      out[at++] = (byte) ((n - 1) << 2 | 2);
      out[at++] = (byte) distance;
      out[at++] = (byte) (distance >>> 8);
      left -= n;
    }
    return at;
  }

  /// Decompresses a whole block.
  ///
  /// @param max the longest result accepted
  public static byte[] decompress(byte[] in, int offset, int length, int max) {
    long claimed = uncompressedLength(in, offset, length);
    // Three bytes of input make at most 64 of output: a greater claim is a lie.
    if (claimed > max || claimed > 64L * length) {
      throw new MalformedInputException("uncompressed length " + claimed + " out of bounds", 0);
    }
    byte[] out = new byte[(int) claimed];
    decompress(in, offset, length, out);
    return out;
  }

  private static void decompress(byte[] in, int offset, int length, byte[] out) {
    int end = offset + length;
    int at = offset + Varint.size(out.length);
    int done = 0;
    while (at < end) {
      int tag = in[at++] & 0xff;
      int kind = tag & 3;
      int n = (tag >>> 2) + 1;
      if (kind == 0) {
        if (n > 60) {
          int bytes = n - 60;
          n = number(in, at, end, bytes) + 1;
          at += bytes;
        }
        if (n <= 0 || n > end - at || n > out.length - done) {
          throw new MalformedInputException("literal out of bounds", at);
        }
        System.arraycopy(in, at, out, done, n);
        at += n;
        done += n;
        continue;
      }
      int distance;
      if (kind == 1) {
        n = (tag >>> 2 & 7) + 4;
        distance = (tag & 0xe0) << 3 | number(in, at, end, 1);
        at++;
      } else {
        int bytes = kind == 2 ? 2 : 4;
        distance = number(in, at, end, bytes);
        at += bytes;
      }
      if (distance <= 0 || distance > done || n > out.length - done) {
        throw new MalformedInputException("copy out of bounds", at);
      }
      if (distance >= n) {
        System.arraycopy(out, done - distance, out, done, n);
      } else {
        // The copy overlaps itself and repeats.
        for (int i = 0; i < n; i++) {
          out[done + i] = out[done + i - distance];
        }
      }
      done += n;
    }
    if (done != out.length) {
      throw new MalformedInputException("less data than the length says", end);
    }
  }

  private static int number(byte[] in, int at, int end, int bytes) {
    if (bytes > end - at) {
      throw new MalformedInputException("element cut short", at);
    }
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (in[at + i] & 0xff) << 8 * i;
    }
    return value;
  }
}
