package io.semper.p2p.wire;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;

/// Two ends of a connection in memory, with a bounded buffer each way, as a socket has.
public final class MemoryLink {
  private final Pipe forth;
  private final Pipe back;

  public MemoryLink(int capacity) {
    forth = new Pipe(capacity);
    back = new Pipe(capacity);
  }

  public End left() {
    return new End(back, forth);
  }

  public End right() {
    return new End(forth, back);
  }

  /// One end.
  public static final class End implements Duplex, Closeable {
    private final Pipe in;
    private final Pipe out;

    private End(Pipe in, Pipe out) {
      this.in = in;
      this.out = out;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return in.read(into, offset, length);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      out.write(from, offset, length);
    }

    @Override
    public int available() {
      return in.available();
    }

    /// The other end reads to here and no further.
    public void finish() {
      out.finish();
    }

    @Override
    public void close() {
      in.close();
      out.finish();
    }
  }

  private static final class Pipe {
    private final byte[] ring;
    private int start;
    private int size;
    private boolean finished;
    private boolean closed;

    Pipe(int capacity) {
      ring = new byte[capacity];
    }

    synchronized int read(byte[] into, int offset, int length) throws IOException {
      while (size == 0 && !finished && !closed) {
        await();
      }
      if (closed) {
        throw new ClosedChannelException();
      }
      if (size == 0) {
        return -1;
      }
      int n = Math.min(Math.min(length, size), ring.length - start);
      System.arraycopy(ring, start, into, offset, n);
      start = (start + n) % ring.length;
      size -= n;
      notifyAll();
      return n;
    }

    synchronized void write(byte[] from, int offset, int length) throws IOException {
      int done = 0;
      while (done < length) {
        while (size == ring.length && !closed && !finished) {
          await();
        }
        if (closed || finished) {
          throw new ClosedChannelException();
        }
        int end = (start + size) % ring.length;
        int n = Math.min(Math.min(length - done, ring.length - size), ring.length - end);
        System.arraycopy(from, offset + done, ring, end, n);
        size += n;
        done += n;
        notifyAll();
      }
    }

    private void await() throws IOException {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new java.io.InterruptedIOException();
      }
    }

    synchronized int available() {
      return size;
    }

    synchronized void finish() {
      finished = true;
      notifyAll();
    }

    synchronized void close() {
      closed = true;
      notifyAll();
    }
  }
}
