package io.semper.chain.file;

import io.semper.core.rlp.MalformedInputException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file read forward, counting bytes, with errors that say where.
final class PositionedInput implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final String name;
  private final long size;
  private final InputStream in;
  private long position;

  PositionedInput(Path file) throws IOException {
    name = String.valueOf(file.getFileName());
    size = Files.size(file);
    in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
  }

  long position() {
    return position;
  }

  long size() {
    return size;
  }

  /// The next byte, or -1 at the end.
  int read() throws IOException {
    int value = in.read();
    if (value >= 0) {
      position++;
    }
    return value;
  }

  /// Fills `into` from `offset` on.
  void readFully(byte[] into, int offset, String what) throws IOException {
    int wanted = into.length - offset;
    int got = in.readNBytes(into, offset, wanted);
    position += got;
    if (got < wanted) {
      throw malformed(what + " is cut off, " + (wanted - got) + " bytes missing", position);
    }
  }

  /// Refuses a length before memory is taken for it.
  void checkLength(long length, String what, long start) {
    if (length > BlockFile.MAX_BLOCK_BYTES) {
      throw malformed(
          what
              + " of "
              + Long.toUnsignedString(length)
              + " bytes, at most "
              + BlockFile.MAX_BLOCK_BYTES
              + " are taken",
          start);
    }
    if (length > size - position) {
      throw malformed(
          what + " is cut off: " + length + " bytes announced, " + (size - position) + " left",
          start);
    }
  }

  /// The exception's own offset ends at 2 GiB; beyond, the message tells the position.
  MalformedInputException malformed(String problem, long at) {
    String where = at > Integer.MAX_VALUE ? " (position " + at + ")" : "";
    return new MalformedInputException(
        name + ": " + problem + where, (int) Math.min(at, Integer.MAX_VALUE));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
