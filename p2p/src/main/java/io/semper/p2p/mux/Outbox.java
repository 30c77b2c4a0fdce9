package io.semper.p2p.mux;

import io.semper.p2p.wire.Duplex;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Frames of a multiplexer on their way to the socket.
///
/// Frames are appended under a lock. Whoever appends while nobody writes becomes the writer;
/// meanwhile others append to the second buffer and go on, or wait for room if they carry data. So
/// a lone writer pays no hand-over and its bulk is not copied here, and many share large writes.
/// What comes in faster than it can write is written by a thread of its own: nobody works for the
/// others without end. The connection's reader, which must not wait, starts such a thread at once,
/// and its frames find room where data does not; so does who is interrupted, since to write then
/// would close the socket for all.
final class Outbox {
  /// Longest header of a frame.
  static final int HEADER_BYTES = 12;

  /// Data waiting beyond which writers wait: four frames, which are four Noise messages.
  private static final int DATA_BYTES = 4 * 65_519;

  /// Room for frames that must not wait; a peer that provokes more without reading is cut off.
  private static final int CONTROL_BYTES = 64 << 10;

  private static final int CAPACITY = DATA_BYTES + HEADER_BYTES + CONTROL_BYTES;

  /// Data from this size on leaves from where it stands, if nobody else is writing.
  private static final int DIRECT_BYTES = 16 << 10;

  /// Writes of one who has something to write itself.
  private static final int MAX_PASSES = 2;

  /// Buffers above this size are given back when the writer is done.
  private static final int KEPT_BYTES = 2048;

  private static final byte[] NONE = {};
  private static final int MAX_IDLE = 32;
  private static final ArrayDeque<byte[]> IDLE = new ArrayDeque<>();

  private final Duplex channel;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private byte[] pending = NONE;
  private int size;

  /// What becomes `pending` when that is written. Whoever writes owns it.
  private byte[] spare = NONE;

  private boolean writing;
  private volatile IOException failure;

  /// When the write to the socket that is going on began, or 0.
  private volatile long writeBegan;

  Outbox(Duplex channel) {
    this.channel = channel;
  }

  /// Appends a frame without content; never waits for the socket.
  void appendControl(byte[] frame) throws IOException {
    boolean start;
    lock.lock();
    try {
      check();
      if (size + HEADER_BYTES > CAPACITY) {
        throw new IOException("the peer reads nothing and provokes answers");
      }
      append(frame, 0, frame.length);
      start = !writing;
      writing = true;
    } finally {
      lock.unlock();
    }
    if (start) {
      startWriter();
    }
  }

  private void startWriter() {
    Thread.ofVirtual().name("mux-writer").start(this::writeQuietly);
  }

  /// Appends a frame without content and sends it.
  void sendControl(byte[] frame) throws IOException {
    lock.lock();
    try {
      check();
      while (size + HEADER_BYTES > CAPACITY) {
        awaitRoom(0);
        check();
      }
      append(frame, 0, frame.length);
      if (writing) {
        return;
      }
      writing = true;
    } finally {
      lock.unlock();
    }
    writePending();
  }

  /// Appends a frame of data, waiting for room.
  ///
  /// @param more whether the caller appends more at once; otherwise the frame is sent
  /// @param deadline of `System.nanoTime()`, or 0
  void sendData(byte[] header, byte[] from, int offset, int length, boolean more, long deadline)
      throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted before writing");
    }
    boolean direct = false;
    lock.lock();
    try {
      while (true) {
        check();
        if (size == 0 || size + HEADER_BYTES + length <= DATA_BYTES + HEADER_BYTES) {
          break;
        }
        if (writing) {
          awaitRoom(deadline);
        } else {
          writing = true;
          lock.unlock();
          try {
            writePending();
          } finally {
            lock.lock();
          }
        }
      }
      if (writing || length < DIRECT_BYTES) {
        append(header, 0, header.length);
        append(from, offset, length);
        if (more || writing) {
          return;
        }
        writing = true;
      } else {
        direct = true;
        writing = true;
      }
    } finally {
      lock.unlock();
    }
    if (direct) {
      sendPending();
      send(() -> channel.write(header, from, offset, length));
    }
    writePending();
  }

  /// Sends what was appended with more to come.
  void flush() throws IOException {
    lock.lock();
    try {
      check();
      if (writing || size == 0) {
        return;
      }
      writing = true;
    } finally {
      lock.unlock();
    }
    writePending();
  }

  private void awaitRoom(long deadline) throws IOException {
    try {
      if (deadline == 0) {
        room.await();
      } else if (room.awaitNanos(deadline - System.nanoTime()) <= 0) {
        throw new SocketTimeoutException("the connection takes no data");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while writing");
    }
  }

  /// Writes what is pending, and once more what came meanwhile; then the rest is another's work.
  private void writePending() throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      startWriter();
      return;
    }
    for (int pass = 0; pass < MAX_PASSES; pass++) {
      if (isDone()) {
        return;
      }
      sendPending();
    }
    if (!isDone()) {
      startWriter();
    }
  }

  /// Whether nothing is left, and nobody writes any more.
  private boolean isDone() throws IOException {
    lock.lock();
    try {
      if (failure == null && size > 0) {
        return false;
      }
      writing = false;
      room.signalAll();
      pending = giveBack(pending);
      spare = giveBack(spare);
      check();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static byte[] giveBack(byte[] buffer) {
    if (buffer.length <= KEPT_BYTES) {
      return buffer;
    }
    give(buffer);
    return NONE;
  }

  /// Writes what is pending to the socket, while others append to the other buffer. The writer's.
  private void sendPending() {
    byte[] full;
    int length;
    lock.lock();
    try {
      if (size == 0) {
        return;
      }
      full = pending;
      length = size;
      pending = spare;
      spare = NONE;
      size = 0;
      room.signalAll();
    } finally {
      lock.unlock();
    }
    send(() -> channel.write(full, 0, length));
    spare = full;
  }

  private interface Write {
    void write() throws IOException;
  }

  /// Writes to the socket. A failure is kept: every later call throws it.
  private void send(Write write) {
    if (failure != null) {
      return;
    }
    writeBegan = System.nanoTime() | 1;
    try {
      write.write();
    } catch (IOException e) {
      fail(e);
    }
    writeBegan = 0;
  }

  private void writeQuietly() {
    try {
      while (!isDone()) {
        sendPending();
      }
    } catch (IOException e) {
      // The failure is kept: every later call throws it, and the reader finds the socket closed.
    }
  }

  /// Waits until all that was appended has left, but not for long.
  void drain(long nanos) {
    lock.lock();
    try {
      long left = nanos;
      while (writing && failure == null && left > 0) {
        left = room.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /// Makes every call fail from now on, and wakes those that wait.
  void fail(IOException cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// How long the present write to the socket has been going on.
  long stalledNanos(long nanoTime) {
    long began = writeBegan;
    return began == 0 ? 0 : nanoTime - began;
  }

  private void check() throws IOException {
    if (failure != null) {
      throw new IOException("connection closed: " + failure.getMessage(), failure);
    }
  }

  private void append(byte[] from, int offset, int length) {
    ensure(length);
    System.arraycopy(from, offset, pending, size, length);
    size += length;
  }

  private void ensure(int more) {
    int need = size + more;
    if (need <= pending.length) {
      return;
    }
    byte[] larger;
    if (need <= KEPT_BYTES) {
      larger = new byte[Math.min(KEPT_BYTES, Math.max(256, need * 2))];
    } else {
      larger = take();
    }
    System.arraycopy(pending, 0, larger, 0, size);
    pending = larger;
  }

  private static byte[] take() {
    synchronized (IDLE) {
      byte[] buffer = IDLE.pollLast();
      if (buffer != null) {
        return buffer;
      }
    }
    return new byte[CAPACITY];
  }

  private static void give(byte[] buffer) {
    synchronized (IDLE) {
      if (IDLE.size() < MAX_IDLE) {
        IDLE.addLast(buffer);
      }
    }
  }
}
