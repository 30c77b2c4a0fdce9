package io.semper.rpc;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/// Bytes of a reply, up to a limit, with a way back to an earlier length as long as nothing of it
/// has left.
final class ReplyBuffer extends OutputStream {
  private static final int START_BYTES = 1024;

  /// So much gathers before it leaves, where it may.
  private static final int SPILL_BYTES = 256 << 10;

  private byte[] bytes = new byte[START_BYTES];
  private int size;
  private long limit;

  private Way onward;
  private OutputStream open;
  private long sent;

  /// The reply would exceed its limit.
  static final class Full extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /// Nobody reads the reply any more.
  static final class Gone extends IOException {
    private static final long serialVersionUID = 1L;

    private Gone(IOException cause) {
      super(cause);
    }
  }

  void limit(long bytesAtMost) {
    limit = bytesAtMost;
  }

  /// Where bytes may leave to, opened when the first of them do.
  interface Way {
    OutputStream open() throws IOException;
  }

  /// From now on the reply may leave before it is complete.
  void sendTo(Way stream) {
    onward = stream;
  }

  /// Whether some of it has left.
  boolean hasLeft() {
    return open != null;
  }

  int size() {
    return size;
  }

  void truncate(int length) {
    if (hasLeft()) {
      throw new IllegalStateException("some of the reply has left");
    }
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

  private void reserve(int extra) throws IOException {
    if (extra > limit - sent - size) {
      throw new Full();
    }
    if (onward != null && size >= SPILL_BYTES) {
      send();
    }
    if (bytes.length - size < extra) {
      bytes = Arrays.copyOf(bytes, (int) Math.max(2L * bytes.length, size + (long) extra));
    }
  }

  private void send() throws Gone {
    try {
      if (open == null) {
        open = onward.open();
      }
      open.write(bytes, 0, size);
    } catch (IOException gone) {
      throw new Gone(gone);
    }
    sent += size;
    size = 0;
  }

  /// Where some of the reply has left, sends the rest.
  void sendRest() throws Gone {
    if (hasLeft()) {
      send();
    }
  }

  /// Says that nothing more will leave.
  void end() {
    try {
      open.close();
    } catch (IOException gone) {
      // Whoever read it has gone before its end.
    }
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }
}
