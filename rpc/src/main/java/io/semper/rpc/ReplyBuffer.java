package io.semper.rpc;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/// Bytes of a reply, up to a limit, with a way back to an earlier length.
final class ReplyBuffer extends OutputStream {
  private static final int START_BYTES = 1024;

  private byte[] bytes = new byte[START_BYTES];
  private int size;
  private int limit;

  /// The reply would exceed its limit.
  static final class Full extends IOException {
    private static final long serialVersionUID = 1L;
  }

  void limit(int bytesAtMost) {
    limit = bytesAtMost;
  }

  int size() {
    return size;
  }

  void truncate(int length) {
    size = length;
  }

  @Override
  public void write(int b) throws IOException {
    reserve(1);
    bytes[size++] = (byte) b;
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    reserve(length);
    System.arraycopy(source, offset, bytes, size, length);
    size += length;
  }

  private void reserve(int extra) throws Full {
    if (extra > limit - size) {
      throw new Full();
    }
    if (bytes.length - size < extra) {
      bytes = Arrays.copyOf(bytes, (int) Math.max(2L * bytes.length, size + (long) extra));
    }
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }
}
