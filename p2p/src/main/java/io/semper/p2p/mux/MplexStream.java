package io.semper.p2p.mux;

import io.semper.p2p.limits.Account;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// One stream of an mplex session.
final class MplexStream implements MuxedStream {
  private static final byte[] NOTHING = {};

  private final Mplex session;
  private final long id;
  private final boolean ours;
  final ReceiveBuffer buffer;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private boolean openingSent;
  private boolean finSent;
  private boolean finReceived;
  private boolean closed;
  private boolean forgotten;
  private long closedSince;
  private StreamResetException broken;

  private volatile int timeoutMillis;

  MplexStream(Mplex session, long id, boolean ours, Account account) {
    this.session = session;
    this.id = id;
    this.ours = ours;
    this.openingSent = !ours;
    this.buffer = new ReceiveBuffer(account);
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public void timeoutMillis(int millis) {
    timeoutMillis = millis;
  }

  @Override
  public int available() {
    return buffer.available();
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    lock.lock();
    try {
      long left = timeoutMillis * 1_000_000L;
      while (true) {
        checkWhole();
        int n = closed ? 0 : buffer.drain(into, offset, length);
        if (n > 0) {
          // The connection's reader may wait for room.
          changed.signalAll();
          return n;
        }
        if (finReceived || closed) {
          buffer.release();
          return -1;
        }
        if (timeoutMillis == 0) {
          changed.await();
        } else if (left <= 0) {
          throw new SocketTimeoutException("nothing to read in " + timeoutMillis + " ms");
        } else {
          left = changed.awaitNanos(left);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading");
    } finally {
      lock.unlock();
    }
  }

  private void checkWhole() throws StreamResetException {
    if (broken != null) {
      throw new StreamResetException(broken.getMessage(), broken.code());
    }
  }

  /// The tag as our side sends it.
  private int tag(int receivers) {
    return ours ? receivers + 1 : receivers;
  }

  /// Appends the frame that opens the stream, if it is ours and has not left.
  private void sendOpening(long deadline) throws IOException {
    lock.lock();
    try {
      if (openingSent) {
        return;
      }
      openingSent = true;
    } finally {
      lock.unlock();
    }
    byte[] opening = Mplex.frame(Mplex.NEW_STREAM, id, 0);
    try {
      session.outbox.sendData(opening, NOTHING, 0, 0, true, deadline);
    } catch (InterruptedIOException notSent) { // also where it took too long
      lock.lock();
      try {
        openingSent = false;
      } finally {
        lock.unlock();
      }
      throw notSent;
    }
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    int millis = timeoutMillis;
    long deadline = millis == 0 ? 0 : System.nanoTime() + millis * 1_000_000L | 1;
    sendOpening(deadline);
    for (int done = 0; done < length; ) {
      lock.lock();
      try {
        checkWhole();
        if (finSent) {
          throw new IOException("the stream's writing side is closed");
        }
      } finally {
        lock.unlock();
      }
      int n = Math.min(Mplex.SENT_BYTES, length - done);
      byte[] header = Mplex.frame(tag(Mplex.MESSAGE), id, n);
      boolean more = done + n < length;
      session.outbox.sendData(header, from, offset + done, n, more, deadline);
      done += n;
    }
  }

  @Override
  public void writeLast(byte[] from, int offset, int length) throws IOException {
    write(from, offset, length);
    closeWrite();
  }

  @Override
  public void closeWrite() throws IOException {
    sendOpening(0);
    lock.lock();
    try {
      if (finSent || broken != null) {
        return;
      }
      finSent = true;
    } finally {
      lock.unlock();
    }
    session.outbox.sendControl(Mplex.frame(tag(Mplex.CLOSE), id, 0));
    forgetIfDone();
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      closedSince = System.nanoTime();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    buffer.release();
    try {
      closeWrite();
    } catch (IOException e) {
      reset(0);
    }
    forgetIfDone();
  }

  @Override
  public void reset(long code) {
    boolean tell;
    lock.lock();
    try {
      tell = broken == null && openingSent && !(finSent && finReceived);
    } finally {
      lock.unlock();
    }
    if (tell) {
      try {
        session.outbox.sendControl(Mplex.frame(tag(Mplex.RESET), id, 0));
      } catch (IOException e) {
        // The connection is gone, and the stream with it.
      }
    }
    breakOff("stream was reset here", code);
  }

  /// The connection is gone.
  void abort(String reason) {
    breakOff("connection closed: " + reason, 0);
  }

  private void breakOff(String why, long code) {
    lock.lock();
    try {
      if (broken == null && !(finSent && finReceived && closed)) {
        broken = new StreamResetException(why, code);
      }
      closed = true;
      finSent = true;
      finReceived = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    buffer.release();
    forgetIfDone();
  }

  // What the connection's reader calls.

  /// Waits until `bytes` more find room.
  ///
  /// @return false if there is none in time, or nobody will read them
  boolean awaitRoom(int bytes, long nanos) throws IOException {
    lock.lock();
    try {
      long left = nanos;
      while (!closed && !finReceived && buffer.available() + bytes > Mplex.STREAM_BYTES) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return !closed && !finReceived;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while receiving");
    } finally {
      lock.unlock();
    }
  }

  void arrived() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Data came that nobody reads: the peer is told to stop.
  void refuse() {
    boolean tell;
    lock.lock();
    try {
      tell = broken == null;
    } finally {
      lock.unlock();
    }
    if (tell) {
      try {
        session.outbox.appendControl(Mplex.frame(tag(Mplex.RESET), id, 0));
      } catch (IOException e) {
        session.fail(e.getMessage());
      }
      breakOff("stream was given up here: nobody read it", 0);
    }
  }

  /// @return whether that was not known before
  boolean remoteFinished() {
    lock.lock();
    try {
      if (finReceived) {
        return false;
      }
      finReceived = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    forgetIfDone();
    return true;
  }

  void remoteReset() {
    breakOff("stream was reset by the peer", 0);
  }

  /// Resets a stream that we closed and the peer has left open.
  void expire(long now, long afterNanos) {
    boolean late;
    lock.lock();
    try {
      late = closed && !forgotten && now - closedSince > afterNanos;
    } finally {
      lock.unlock();
    }
    if (late) {
      Thread.ofVirtual().start(() -> reset(0));
    }
  }

  /// Once both sides are done the session forgets the stream; what is still buffered can be read.
  private void forgetIfDone() {
    lock.lock();
    try {
      if (forgotten || !finSent || !finReceived) {
        return;
      }
      forgotten = true;
    } finally {
      lock.unlock();
    }
    session.forget(id, ours);
  }
}
