package io.semper.chain.file;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.wire.Snappy;
import java.util.Arrays;

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
      int end = at + 4 + length;
      byte[] piece =
          switch (kind) {
            case COMPRESSED ->
                Snappy.decompress(in, at + 8, length - 4, Math.min(MAX_CHUNK_BYTES, room()));
            case UNCOMPRESSED -> Arrays.copyOfRange(in, at + 8, end);
            default ->
                throw new MalformedInputException("snappy chunk of unknown type " + kind, at);
          };
      if (piece.length > MAX_CHUNK_BYTES) {
        throw new MalformedInputException("snappy chunk of more than 65536 bytes", at);
      }
      if (piece.length > room()) {
        throw new MalformedInputException("snappy content exceeds " + maxBytes + " bytes", at);
      }
      if (Snappy.maskedChecksum(piece, 0, piece.length) != littleEndianInt(at + 4)) {
        throw new MalformedInputException("snappy checksum does not match", at);
      }
      append(piece);
      at = end;
    }
    return Arrays.copyOf(out, size);
  }

  private int room() {
    return maxBytes - size;
  }

  private void append(byte[] piece) {
    if (piece.length > out.length - size) {
      out =
          Arrays.copyOf(
              out, (int) Math.min(maxBytes, Math.max(2L * out.length, size + piece.length)));
    }
    System.arraycopy(piece, 0, out, size, piece.length);
    size += piece.length;
  }

  private int littleEndianInt(int at) {
    return in[at] & 0xFF
        | (in[at + 1] & 0xFF) << 8
        | (in[at + 2] & 0xFF) << 16
        | (in[at + 3] & 0xFF) << 24;
  }
}
