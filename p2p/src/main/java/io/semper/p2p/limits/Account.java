package io.semper.p2p.limits;

import java.util.concurrent.atomic.AtomicLong;

/// Bytes held in buffers, for one peer and, through its parent, for all.
///
/// Whoever is refused gives up what the bytes were for: for a peer's account that is the
/// connection.
public final class Account {
  private final Account parent;
  private final long limit;
  private final AtomicLong held = new AtomicLong();
  private boolean closed;

  public Account(long limit) {
    this(limit, null);
  }

  public Account(long limit, Account parent) {
    this.limit = limit;
    this.parent = parent;
  }

  /// Takes `bytes` into the account, or nothing if it is closed or it or its parent would pass its
  /// limit.
  public synchronized boolean tryReserve(long bytes) {
    if (closed || held.get() + bytes > limit) {
      return false;
    }
    if (parent != null && !parent.tryReserve(bytes)) {
      return false;
    }
    held.addAndGet(bytes);
    return true;
  }

  public synchronized void release(long bytes) {
    if (!closed) {
      held.addAndGet(-bytes);
      if (parent != null) {
        parent.release(bytes);
      }
    }
  }

  /// Gives everything back to the parent, whatever was not released yet.
  public synchronized void close() {
    release(held.get());
    closed = true;
  }

  public long heldBytes() {
    return held.get();
  }
}
