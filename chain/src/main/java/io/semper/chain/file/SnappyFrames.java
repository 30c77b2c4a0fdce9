package io.semper.chain.file;

import io.semper.core.rlp.MalformedInputException;
import java.util.Arrays;
import java.util.zip.CRC32C;

/// Decodes the Snappy framing format (`framing_format.txt` of google/snappy) held in memory.
///
/// Stricter than a stream decoder needs to be: the stream identifier stands once in front, and
/// padding, skippable and unknown chunks are refused, since nothing writes them into archives and
/// each would let a byte change unnoticed. Every chunk's checksum is verified.
final class SnappyFrames {
  private static final byte[] IDENTIFIER = {(byte) 0xFF, 6, 0, 0, 's', 'N', 'a', 'P', 'p', 'Y'};
  private static final int COMPRESSED = 0x00;
  private static final int UNCOMPRESSED = 0x01;
  private static final int MAX_CHUNK_BYTES = 1 << 16;

  private final byte[] in;
  private final int maxBytes;
  private byte[] out;
  private int size;

  private SnappyFrames(byte[] in, int maxBytes) {
    this.in = in;
    this.maxBytes = maxBytes;
    out = new byte[Math.min(maxBytes, Math.max(64, 2 * in.length))];
  }

  /// @param maxBytes most bytes the content may have
  /// @throws MalformedInputException where the input is not such a stream
  static byte[] decode(byte[] input, int maxBytes) {
    return new SnappyFrames(input, maxBytes).decode();
  }

  private byte[] decode() {
    if (in.length < IDENTIFIER.length
        || !Arrays.equals(in, 0, IDENTIFIER.length, IDENTIFIER, 0, IDENTIFIER.length)) {
      throw new MalformedInputException("snappy stream identifier missing", 0);
    }
    int at = IDENTIFIER.length;
    while (at < in.length) {
      if (in.length - at < 8) {
        throw new MalformedInputException("snappy chunk cut off", at);
      }
      int kind = in[at] & 0xFF;
      int length = in[at + 1] & 0xFF | (in[at + 2] & 0xFF) << 8 | (in[at + 3] & 0xFF) << 16;
      if (length < 4 || length > in.length - at - 4) {
        throw new MalformedInputException("snappy chunk of " + length + " bytes cut off", at);
      }
      int checksum = littleEndianInt(at + 4);
      int start = size;
      int end = at + 4 + length;
      switch (kind) {
        case COMPRESSED -> decompress(at + 8, end);
        case UNCOMPRESSED -> copyInput(at + 8, length - 4);
        default -> throw new MalformedInputException("snappy chunk of unknown type " + kind, at);
      }
      if (size - start > MAX_CHUNK_BYTES) {
        throw new MalformedInputException("snappy chunk of more than 65536 bytes", at);
      }
      if (maskedChecksum(start) != checksum) {
        throw new MalformedInputException("snappy checksum does not match", at);
      }
      at = end;
    }
    return Arrays.copyOf(out, size);
  }

  private int maskedChecksum(int start) {
    CRC32C crc = new CRC32C();
    crc.update(out, start, size - start);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xA282EAD8;
  }

  /// One block of the raw format: its length as a varint, then literals and copies.
  private void decompress(int at, int end) {
    int begin = size;
    int announced = 0;
    int shift = 0;
    int part;
    do {
      if (at == end || shift > 14) {
        throw new MalformedInputException("snappy block length malformed", at);
      }
      part = in[at++] & 0xFF;
      announced |= (part & 0x7F) << shift;
      shift += 7;
    } while (part >= 0x80);
    if (announced > MAX_CHUNK_BYTES) {
      throw new MalformedInputException("snappy block of " + announced + " bytes", at);
    }
    while (at < end) {
      int tag = in[at] & 0xFF;
      int extra =
          switch (tag & 3) {
            case 0 -> Math.max(0, (tag >>> 2) - 59);
            case 1 -> 1;
            case 2 -> 2;
            default -> 4;
          };
      if (extra > end - at - 1) {
        throw new MalformedInputException("snappy element cut off", at);
      }
      long operand = 0;
      for (int i = extra; i > 0; i--) {
        operand = operand << 8 | (in[at + i] & 0xFF);
      }
      int start = at;
      at += 1 + extra;
      if ((tag & 3) == 0) {
        long length = (extra == 0 ? tag >>> 2 : operand) + 1;
        if (length > end - at) {
          throw new MalformedInputException("snappy literal cut off", start);
        }
        copyInput(at, (int) length);
        at += (int) length;
      } else if ((tag & 3) == 1) {
        copyOutput((long) (tag >>> 5) << 8 | operand, (tag >>> 2 & 7) + 4, begin, start);
      } else {
        copyOutput(operand, (tag >>> 2) + 1, begin, start);
      }
    }
    if (size - begin != announced) {
      throw new MalformedInputException(
          "snappy block has " + (size - begin) + " bytes, " + announced + " announced", end);
    }
  }

  private void copyInput(int from, int length) {
    reserve(length);
    System.arraycopy(in, from, out, size, length);
    size += length;
  }

  private void copyOutput(long distance, int length, int begin, int at) {
    if (distance == 0 || distance > size - begin) {
      throw new MalformedInputException("snappy copy from before the block", at);
    }
    reserve(length);
    for (int i = 0; i < length; i++) {
      out[size] = out[size - (int) distance];
      size++;
    }
  }

  private void reserve(int more) {
    if (more > maxBytes - size) {
      throw new MalformedInputException("snappy content exceeds " + maxBytes + " bytes", size);
    }
    if (more > out.length - size) {
      out = Arrays.copyOf(out, (int) Math.min(maxBytes, Math.max(2L * out.length, size + more)));
    }
  }

  private int littleEndianInt(int at) {
    return in[at] & 0xFF
        | (in[at + 1] & 0xFF) << 8
        | (in[at + 2] & 0xFF) << 16
        | (in[at + 3] & 0xFF) << 24;
  }
}
