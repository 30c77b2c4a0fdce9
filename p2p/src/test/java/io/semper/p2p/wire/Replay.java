package io.semper.p2p.wire;

import io.semper.p2p.mux.MuxedStream;
import java.io.Closeable;

/// A peer that has sent all it ever will and takes whatever it is sent.
public final class Replay implements MuxedStream, Closeable {
  private final byte[] sent;
  private int position;

  public Replay(byte[] sent) {
    this.sent = sent;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    int n = Math.min(length, sent.length - position);
    if (n == 0 && length > 0) {
      return -1;
    }
    System.arraycopy(sent, position, into, offset, n);
    position += n;
    return n;
  }

  @Override
  public void write(byte[] from, int offset, int length) {}

  @Override
  public void writeLast(byte[] from, int offset, int length) {}

  @Override
  public int available() {
    return sent.length - position;
  }

  @Override
  public long id() {
    return 1;
  }

  @Override
  public void timeoutMillis(int millis) {}

  @Override
  public void closeWrite() {}

  @Override
  public void reset(long code) {}

  @Override
  public void close() {}
}
