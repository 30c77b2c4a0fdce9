package io.semper.p2p.security;

import io.semper.core.rlp.MalformedInputException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// The little of DER that a certificate and its libp2p extension take.
final class Der {
  static final int BOOLEAN = 0x01;
  static final int INTEGER = 0x02;
  static final int BIT_STRING = 0x03;
  static final int OCTET_STRING = 0x04;
  static final int OBJECT_ID = 0x06;
  static final int UTC_TIME = 0x17;
  static final int GENERALIZED_TIME = 0x18;
  static final int SEQUENCE = 0x30;

  private Der() {}

  /// A value with its tag and length, of the parts one after another.
  static byte[] of(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 4);
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x100) {
      out.write(0x81);
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >>> 8);
      out.write(length);
    }
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /// Reads values of one array from front to back.
  static final class Reader {
    private final byte[] data;
    private int position;

    Reader(byte[] data) {
      this.data = data;
    }

    /// The content of the next value, which must have this tag.
    byte[] next(int tag) {
      int start = position;
      if (data.length - position < 2 || (data[position] & 0xff) != tag) {
        throw new MalformedInputException("DER value of another kind", start);
      }
      int length = data[position + 1] & 0xff;
      position += 2;
      if (length >= 0x80) {
        int bytes = length & 0x7f;
        if (bytes == 0 || bytes > 2 || data.length - position < bytes) {
          throw new MalformedInputException("DER length", start);
        }
        length = 0;
        for (int i = 0; i < bytes; i++) {
          length = length << 8 | data[position++] & 0xff;
        }
        if (length < 0x80 || bytes == 2 && length < 0x100) {
          throw new MalformedInputException("DER length is not minimal", start);
        }
      }
      if (length > data.length - position) {
        throw new MalformedInputException("DER value cut short", start);
      }
      byte[] content = Arrays.copyOfRange(data, position, position + length);
      position += length;
      return content;
    }

    /// Whether a value with this tag comes next.
    boolean isNext(int tag) {
      return position < data.length && (data[position] & 0xff) == tag;
    }

    /// The next value whole, with its tag and length.
    byte[] nextWhole(int tag) {
      int start = position;
      next(tag);
      return Arrays.copyOfRange(data, start, position);
    }

    void skip() {
      if (position < data.length) {
        next(data[position] & 0xff);
      }
    }

    boolean hasMore() {
      return position < data.length;
    }

    void end() {
      if (position != data.length) {
        throw new MalformedInputException("bytes after a DER value", position);
      }
    }
  }
}
