package io.semper.p2p.wire;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// A two-way flow of bytes that blocks: a socket, a secured channel, or one stream of many.
///
/// One thread may read while another writes.
public interface Duplex {
  /// Reads at least one byte, as [java.io.InputStream#read(byte[], int, int)] does.
  ///
  /// @return the number of bytes read, or -1 at the end
  int read(byte[] into, int offset, int length) throws IOException;

  /// Writes all bytes, blocking while the other side takes none.
  void write(byte[] from, int offset, int length) throws IOException;

  /// Reads at least one byte to where the buffer stands, which moves on.
  default int read(ByteBuffer into) throws IOException {
    byte[] bytes = new byte[Math.min(into.remaining(), 64 << 10)];
    int n = read(bytes, 0, bytes.length);
    if (n > 0) {
      into.put(bytes, 0, n);
    }
    return n;
  }

  /// Writes all that the buffer holds, blocking while the other side takes none.
  default void write(ByteBuffer from) throws IOException {
    byte[] bytes = new byte[from.remaining()];
    from.get(bytes);
    write(bytes, 0, bytes.length);
  }

  /// Writes a head and then a body, as if they stood together.
  default void write(byte[] head, byte[] from, int offset, int length) throws IOException {
    byte[] both = Arrays.copyOf(head, head.length + length);
    System.arraycopy(from, offset, both, head.length, length);
    write(both, 0, both.length);
  }

  /// How many bytes can be read without blocking, at least.
  int available();

  /// Reads over so many bytes.
  ///
  /// @throws EOFException if the flow ends before
  default void skip(long bytes) throws IOException {
    byte[] block = new byte[(int) Math.min(bytes, 4096)];
    for (long left = bytes; left > 0; ) {
      int n = read(block, 0, (int) Math.min(left, block.length));
      if (n < 0) {
        throw new EOFException("ended with " + left + " bytes to come");
      }
      left -= n;
    }
  }

  default void write(byte[] from) throws IOException {
    write(from, 0, from.length);
  }

  /// @throws EOFException if the flow ends before
  default void readFully(byte[] into, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      int n = read(into, offset + done, length - done);
      if (n < 0) {
        throw new EOFException("ended after " + done + " of " + length + " bytes");
      }
      done += n;
    }
  }
}
