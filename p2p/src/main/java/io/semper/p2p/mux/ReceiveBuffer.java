package io.semper.p2p.mux;

import io.semper.p2p.limits.Account;
import io.semper.p2p.wire.Duplex;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A ring of bytes between the connection's reader, who fills it, and a stream's reader.
///
/// No lock: only the filler moves `tail` and replaces the ring by a larger one, only the drainer
/// moves `head`. A drainer that still holds the smaller ring finds there all it knows of. The ring
/// is as large as what was ever waiting in it, so it stays small, and in the cache, where the
/// reader keeps up.
public final class ReceiveBuffer {
  private static final int LEAST = 512;
  private static final byte[] NONE = new byte[0];

  private final Account account;
  private volatile byte[] ring = NONE;
  private volatile long head;
  private volatile long tail;
  private long charged;
  private boolean released;

  public ReceiveBuffer(Account account) {
    this.account = account;
  }

  public int available() {
    return (int) (tail - head);
  }

  /// Makes room for `bytes` more. The filler's.
  ///
  /// @return false if the account is exhausted
  public boolean reserve(int bytes) {
    int need = available() + bytes;
    return need <= ring.length || grow(Math.max(LEAST, Integer.highestOneBit(need - 1) << 1));
  }

  private synchronized boolean grow(int size) {
    byte[] old = ring;
    if (!released) {
      if (!account.tryReserve(size - old.length)) {
        return false;
      }
      charged += size - old.length;
    }
    byte[] larger = new byte[size];
    long from = head;
    long to = tail;
    for (long at = from; at < to; ) {
      int oldIndex = (int) (at & old.length - 1);
      int newIndex = (int) (at & size - 1);
      int n = (int) Math.min(to - at, Math.min(old.length - oldIndex, size - newIndex));
      System.arraycopy(old, oldIndex, larger, newIndex, n);
      at += n;
    }
    ring = larger;
    return true;
  }

  /// Reads up to `length` bytes, for which there is room, from the connection. The filler's.
  int fill(Duplex source, int length) throws IOException {
    byte[] to = ring;
    int index = (int) (tail & to.length - 1);
    int n = source.read(to, index, Math.min(length, to.length - index));
    if (n < 0) {
      throw new EOFException("connection ended within a frame");
    }
    tail += n;
    return n;
  }

  /// Takes all that `source` holds, for which there is room. The filler's.
  public void fill(ByteBuffer source) {
    byte[] to = ring;
    while (source.hasRemaining()) {
      int index = (int) (tail & to.length - 1);
      int n = Math.min(source.remaining(), to.length - index);
      source.get(to, index, n);
      tail += n;
    }
  }

  /// Takes up to `length` bytes, 0 if there are none. The drainer's.
  public int drain(byte[] into, int offset, int length) {
    long to = tail;
    byte[] from = ring;
    int n = (int) Math.min(length, to - head);
    if (n > 0) {
      int index = (int) (head & from.length - 1);
      int first = Math.min(n, from.length - index);
      System.arraycopy(from, index, into, offset, first);
      System.arraycopy(from, 0, into, offset + first, n - first);
      head += n;
    }
    return n;
  }

  /// Takes the ring off the account: what is in it is dropped, or was read to the end.
  public synchronized void release() {
    if (!released) {
      released = true;
      account.release(charged);
    }
  }
}
