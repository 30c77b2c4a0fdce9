package io.semper.p2p.mux;

import io.semper.p2p.limits.Account;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// One stream of a Yamux session.
final class YamuxStream implements MuxedStream {
  private final Yamux session;
  private final long id;
  private final boolean ours;
  final ReceiveBuffer buffer;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition credit = lock.newCondition();

  // Guarded by the lock.
  private long sendWindow = Yamux.INITIAL_WINDOW;
  private boolean finSent;
  private boolean finReceived;
  private boolean closed;
  private boolean forgotten;
  private boolean synSent;
  private boolean ackDue;
  private boolean acknowledged;
  private long closedSince;

  /// What the peer may still send, and how much it could at most.
  private long receiveWindow = Yamux.INITIAL_WINDOW;

  private volatile int windowSize = Yamux.INITIAL_WINDOW;

  // Seen without the lock.
  private volatile boolean remoteDone;
  private volatile boolean discarding;
  private volatile StreamResetException broken;
  private volatile Thread waiting;
  private volatile int timeoutMillis;

  // The stream's reader's own.
  private long unreturned;
  private long epoch;

  YamuxStream(Yamux session, long id, boolean ours, Account account) {
    this.session = session;
    this.id = id;
    this.ours = ours;
    this.ackDue = !ours;
    this.synSent = !ours;
    this.buffer = new ReceiveBuffer(account);
    this.epoch = System.nanoTime();
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

  private long deadline() {
    int millis = timeoutMillis;
    return millis == 0 ? 0 : System.nanoTime() + millis * 1_000_000L | 1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    long deadline = 0;
    while (true) {
      boolean last = remoteDone;
      StreamResetException reset = broken;
      if (reset != null) {
        throw new StreamResetException(reset.getMessage(), reset.code());
      }
      int n = buffer.drain(into, offset, length);
      if (n > 0) {
        returnCredit(n);
        return n;
      }
      if (last) {
        buffer.release();
        return -1;
      }
      if (deadline == 0) {
        deadline = deadline();
      }
      waiting = Thread.currentThread();
      if (buffer.available() == 0 && !remoteDone && broken == null) {
        park(deadline);
      }
      waiting = null;
    }
  }

  private void park(long deadline) throws IOException {
    if (deadline == 0) {
      LockSupport.park(this);
    } else {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        waiting = null;
        throw new SocketTimeoutException("nothing to read in " + timeoutMillis + " ms");
      }
      LockSupport.parkNanos(this, left);
    }
    if (Thread.currentThread().isInterrupted()) {
      waiting = null;
      throw new InterruptedIOException("interrupted while reading");
    }
  }

  void wakeReader() {
    Thread reader = waiting;
    if (reader != null) {
      LockSupport.unpark(reader);
    }
  }

  /// Gives credit back in halves of the window, so small reads make no small updates.
  private void returnCredit(int read) throws IOException {
    unreturned += read;
    int size = windowSize;
    if (unreturned < size / 2 || remoteDone) {
      return;
    }
    long now = System.nanoTime();
    long roundTrip = session.roundTripNanos();
    boolean busy = roundTrip > 0 && now - epoch < 4 * roundTrip;
    epoch = now;
    long delta = unreturned;
    unreturned = 0;
    int flags;
    lock.lock();
    try {
      if (forgotten) {
        return;
      }
      // What was granted is given back when the stream is forgotten.
      if (busy && size < session.maxWindowBytes() && session.growWindow(size)) {
        windowSize = 2 * size;
        delta += size;
      }
      receiveWindow += delta;
      flags = openingFlags();
    } finally {
      lock.unlock();
    }
    session.outbox.sendControl(Yamux.frame(Yamux.WINDOW_UPDATE, flags, id, delta));
  }

  int extraWindow() {
    return windowSize - Yamux.INITIAL_WINDOW;
  }

  /// SYN or ACK, if this frame is the first of our side.
  private int openingFlags() {
    int flags = (synSent ? 0 : Yamux.SYN) | (ackDue ? Yamux.ACK : 0);
    synSent = true;
    ackDue = false;
    return flags;
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    write(from, offset, length, false);
  }

  @Override
  public void writeLast(byte[] from, int offset, int length) throws IOException {
    write(from, offset, length, true);
  }

  private void write(byte[] from, int offset, int length, boolean last) throws IOException {
    long deadline = deadline();
    int done = 0;
    while (done < length) {
      int n;
      int flags;
      lock.lock();
      try {
        if (sendWindow <= 0 && broken == null) {
          awaitCredit(deadline);
        }
        check();
        n = (int) Math.min(Math.min(sendWindow, length - done), Yamux.MAX_DATA_BYTES);
        sendWindow -= n;
        flags = openingFlags();
      } finally {
        lock.unlock();
      }
      boolean more = last || done + n < length;
      try {
        session.outbox.sendData(
            Yamux.frame(Yamux.DATA, flags, id, n), from, offset + done, n, more, deadline);
      } catch (InterruptedIOException notSent) { // of which SocketTimeoutException is one
        takeBack(flags, n);
        throw notSent;
      }
      done += n;
    }
    if (last) {
      // In a frame of its own: js-libp2p drops the data of a frame that also ends the stream.
      closeWrite();
    }
  }

  /// A frame has not left: its flags are the next one's, lest a stream be ended that for the peer
  /// has never begun.
  private void takeBack(int flags, int bytes) {
    lock.lock();
    try {
      sendWindow += bytes;
      credit.signal();
      synSent &= (flags & Yamux.SYN) == 0;
      ackDue |= (flags & Yamux.ACK) != 0;
    } finally {
      lock.unlock();
    }
  }

  /// Called with the lock, which it gives up while it writes or waits.
  private void awaitCredit(long deadline) throws IOException {
    // What was appended with more to come must leave before this thread waits. Without the lock:
    // the
    // connection's reader takes it, and must never wait for a writer.
    lock.unlock();
    try {
      session.outbox.flush();
    } finally {
      lock.lock();
    }
    try {
      while (sendWindow <= 0 && broken == null && !finSent) {
        if (deadline == 0) {
          credit.await();
        } else {
          long left = deadline - System.nanoTime();
          if (left <= 0) {
            throw new SocketTimeoutException("the peer took no data in " + timeoutMillis + " ms");
          }
          credit.awaitNanos(left);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while writing");
    }
  }

  private void check() throws IOException {
    if (broken != null) {
      throw new StreamResetException(broken.getMessage(), broken.code());
    }
    if (finSent) {
      throw new IOException("the stream's writing side is closed");
    }
  }

  @Override
  public void closeWrite() throws IOException {
    int flags;
    lock.lock();
    try {
      if (finSent || broken != null) {
        return;
      }
      finSent = true;
      credit.signalAll();
      flags = openingFlags() | Yamux.FIN;
    } finally {
      lock.unlock();
    }
    session.outbox.sendControl(Yamux.frame(Yamux.WINDOW_UPDATE, flags, id, 0));
    forgetIfDone();
  }

  @Override
  public void close() {
    boolean tell = false;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      closedSince = System.nanoTime();
      discarding = true;
    } finally {
      lock.unlock();
    }
    try {
      closeWrite();
    } catch (IOException e) {
      tell = true;
    }
    buffer.release();
    if (tell) {
      reset(0);
    }
    forgetIfDone();
  }

  @Override
  public void reset(long code) {
    boolean tell;
    lock.lock();
    try {
      tell = broken == null && synSent && !(finSent && finReceived);
    } finally {
      lock.unlock();
    }
    if (tell) {
      try {
        session.outbox.sendControl(Yamux.frame(Yamux.WINDOW_UPDATE, Yamux.RST, id, code));
      } catch (IOException e) {
        // The connection is gone, and the stream with it.
      }
    }
    breakOff(new StreamResetException("stream was reset here", code));
  }

  /// The connection is gone.
  void abort(String reason) {
    breakOff(new StreamResetException("connection closed: " + reason, 0));
  }

  void remoteReset(long code) {
    breakOff(new StreamResetException("stream was reset by the peer, code " + code, code));
  }

  private void breakOff(StreamResetException cause) {
    lock.lock();
    try {
      if (broken == null && !(finSent && finReceived && closed)) {
        broken = cause;
      }
      closed = true;
      discarding = true;
      finSent = true;
      finReceived = true;
      credit.signalAll();
    } finally {
      lock.unlock();
    }
    buffer.release();
    wakeReader();
    forgetIfDone();
  }

  // What the connection's reader calls.

  boolean acknowledged() {
    lock.lock();
    try {
      boolean first = ours && !acknowledged && !forgotten;
      acknowledged = true;
      return first;
    } finally {
      lock.unlock();
    }
  }

  /// Adds to what may be sent; false if the sum is no window any more.
  boolean addCredit(long delta) {
    lock.lock();
    try {
      sendWindow += delta;
      if (delta > 0) {
        credit.signal();
      }
      return sendWindow <= 0xffff_ffffL;
    } finally {
      lock.unlock();
    }
  }

  boolean takeReceiveWindow(long bytes) {
    lock.lock();
    try {
      receiveWindow -= bytes;
      return receiveWindow >= 0;
    } finally {
      lock.unlock();
    }
  }

  boolean isDiscarding() {
    return discarding || remoteDone;
  }

  /// Data came for a stream that nobody reads any more: the peer is told to stop.
  void discardedData() {
    boolean tell;
    lock.lock();
    try {
      tell = broken == null;
    } finally {
      lock.unlock();
    }
    if (tell) {
      try {
        session.outbox.appendControl(Yamux.frame(Yamux.WINDOW_UPDATE, Yamux.RST, id, 0));
      } catch (IOException e) {
        session.fail(e.getMessage());
      }
      breakOff(new StreamResetException("stream was closed here", 0));
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
    } finally {
      lock.unlock();
    }
    remoteDone = true;
    wakeReader();
    forgetIfDone();
    return true;
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
      // Not on the caller's thread, which serves all connections: a reset writes to the socket.
      Thread.ofVirtual().start(() -> reset(0));
    }
  }

  /// Once both sides are done the session forgets the stream; what is still buffered can be read.
  private void forgetIfDone() {
    boolean release;
    lock.lock();
    try {
      if (forgotten || !finSent || !finReceived) {
        return;
      }
      forgotten = true;
      release = ours && !acknowledged;
    } finally {
      lock.unlock();
    }
    session.forget(this, ours, release);
  }
}
