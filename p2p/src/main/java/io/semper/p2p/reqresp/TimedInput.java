package io.semper.p2p.reqresp;

import io.semper.p2p.mux.MuxedStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;

/// Reads a stream through a small buffer, until a deadline that no trickle of bytes extends.
final class TimedInput {
  private final MuxedStream stream;
  private final byte[] buffer = new byte[2048];
  private int position;
  private int limit;
  private long deadline;
  private long received;

  TimedInput(MuxedStream stream) {
    this.stream = stream;
  }

  /// Everything read from now on must arrive by then.
  void deadline(long nanoTime) {
    deadline = nanoTime;
  }

  /// The next byte, or -1 at the end.
  int read() throws IOException {
    if (position == limit) {
      int n = fill(buffer, 0, buffer.length);
      if (n < 0) {
        return -1;
      }
      position = 0;
      limit = n;
    }
    return buffer[position++] & 0xff;
  }

  void readFully(byte[] into, int offset, int length) throws IOException {
    int done = Math.min(length, limit - position);
    System.arraycopy(buffer, position, into, offset, done);
    position += done;
    while (done < length) {
      int n;
      if (length - done >= buffer.length) {
        n = fill(into, offset + done, length - done);
      } else {
        n = fill(buffer, 0, buffer.length);
        position = 0;
        limit = Math.max(n, 0);
        n = n < 0 ? n : Math.min(limit, length - done);
        System.arraycopy(buffer, 0, into, offset + done, Math.max(n, 0));
        position = Math.max(n, 0);
      }
      if (n < 0) {
        throw new EOFException("ended within a message");
      }
      done += n;
    }
  }

  /// Reads over so many bytes.
  void skip(int bytes) throws IOException {
    for (int left = bytes; left > 0; ) {
      if (position == limit) {
        position = 0;
        limit = Math.max(0, fill(buffer, 0, buffer.length));
        if (limit == 0) {
          throw new EOFException("ended within a message");
        }
      }
      int n = Math.min(left, limit - position);
      position += n;
      left -= n;
    }
  }

  private int fill(byte[] into, int offset, int length) throws IOException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new SocketTimeoutException("the message did not arrive in time");
    }
    stream.timeoutMillis((int) Math.max(1, left / 1_000_000));
    int n = stream.read(into, offset, length);
    received += Math.max(n, 0);
    return n;
  }

  /// Bytes that have come so far.
  long received() {
    return received;
  }

  /// Whether bytes are there that nobody asked for.
  boolean hasMore() {
    return position < limit || stream.available() > 0;
  }
}
