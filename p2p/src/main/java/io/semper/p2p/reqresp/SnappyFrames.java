package io.semper.p2p.reqresp;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.wire.Snappy;
import io.semper.p2p.wire.Varint;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;

/// A message as its length, as a varint, and its bytes in Snappy's framing format.
final class SnappyFrames {
  private static final byte[] STREAM_ID = {(byte) 0xff, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};
  private static final int FRAME_BYTES = 1 << 16;
  private static final int COMPRESSED = 0;
  private static final int UNCOMPRESSED = 1;
  private static final int CHECKSUM_BYTES = 4;

  /// Of a frame with data.
  private static final int MAX_CONTENT_BYTES =
      CHECKSUM_BYTES + Snappy.maxCompressedLength(FRAME_BYTES);

  private SnappyFrames() {}

  static void write(byte[] message, ByteArrayOutputStream out) {
    out.writeBytes(Varint.encode(message.length));
    if (message.length == 0) {
      return;
    }
    out.writeBytes(STREAM_ID);
    for (int at = 0; at < message.length; at += FRAME_BYTES) {
      int n = Math.min(FRAME_BYTES, message.length - at);
      byte[] compressed = Snappy.compress(message, at, n);
      boolean smaller = compressed.length < n;
      int length = CHECKSUM_BYTES + (smaller ? compressed.length : n);
      out.write(smaller ? COMPRESSED : UNCOMPRESSED);
      number(length, 3, out);
      number(Snappy.maskedChecksum(message, at, n), CHECKSUM_BYTES, out);
      if (smaller) {
        out.writeBytes(compressed);
      } else {
        out.write(message, at, n);
      }
    }
  }

  private static void number(int value, int bytes, ByteArrayOutputStream out) {
    for (int i = 0; i < bytes; i++) {
      out.write(value >>> 8 * i);
    }
  }

  /// Reads a message of at most `max` bytes. Its length is checked before anything is allocated,
  /// and no more compressed bytes are read than a message of that length can take.
  static byte[] read(TimedInput in, int max) throws IOException {
    int length = length(in, max);
    if (length == 0) {
      return new byte[0];
    }
    int allowance = Snappy.maxCompressedLength(length) + 8 * (1 + length / FRAME_BYTES);
    byte[] header = new byte[STREAM_ID.length];
    in.readFully(header, 0, header.length);
    if (!java.util.Arrays.equals(header, STREAM_ID)) {
      throw new MalformedInputException("no Snappy frames", 0);
    }
    byte[] message = new byte[Math.min(length, FRAME_BYTES)];
    int done = 0;
    while (done < length) {
      in.readFully(header, 0, 4);
      int kind = header[0] & 0xff;
      int size = header[1] & 0xff | (header[2] & 0xff) << 8 | (header[3] & 0xff) << 16;
      allowance -= 4 + size;
      if (allowance < 0) {
        throw new MalformedInputException("more compressed bytes than the message can take", done);
      }
      if (kind >= 0x80) {
        in.skip(size);
        continue;
      }
      if (size > MAX_CONTENT_BYTES) {
        throw new MalformedInputException("Snappy frame of " + size + " bytes", done);
      }
      byte[] content = new byte[size];
      in.readFully(content, 0, size);
      byte[] piece = piece(kind, content, Math.min(FRAME_BYTES, length - done));
      if (done + piece.length > message.length) {
        message = java.util.Arrays.copyOf(message, Math.min(length, 2 * (done + piece.length)));
      }
      System.arraycopy(piece, 0, message, done, piece.length);
      done += piece.length;
    }
    return message;
  }

  private static byte[] piece(int kind, byte[] content, int max) {
    if (kind > UNCOMPRESSED || content.length <= CHECKSUM_BYTES) {
      throw new MalformedInputException("Snappy frame of kind " + kind, 0);
    }
    int data = content.length - CHECKSUM_BYTES;
    byte[] piece;
    if (kind == COMPRESSED) {
      piece = Snappy.decompress(content, CHECKSUM_BYTES, data, max);
    } else {
      if (data > max) {
        throw new MalformedInputException("Snappy frame of " + data + " bytes", 0);
      }
      piece = java.util.Arrays.copyOfRange(content, CHECKSUM_BYTES, content.length);
    }
    int expected = 0;
    for (int i = 0; i < CHECKSUM_BYTES; i++) {
      expected |= (content[i] & 0xff) << 8 * i;
    }
    if (piece.length == 0 || Snappy.maskedChecksum(piece, 0, piece.length) != expected) {
      throw new MalformedInputException("Snappy frame with a wrong checksum", 0);
    }
    return piece;
  }

  private static int length(TimedInput in, int max) throws IOException {
    long length = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("ended before a length");
      }
      length |= (b & 0x7fL) << shift;
      if (b < 0x80) {
        if (length > max) {
          throw new MalformedInputException("length " + length + " above the limit " + max, 0);
        }
        return (int) length;
      }
    }
    throw new MalformedInputException("length of more than 9 bytes", 0);
  }
}
