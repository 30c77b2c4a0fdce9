package io.semper.p2p.limits;

import java.util.HashSet;
import java.util.Set;

/// Bytes held in buffers, for one peer and, through its parent, for all.
///
/// Whoever is refused gives up what the bytes were for: for a peer's account that is the
/// connection. Where all together hold too much it is the peer that holds most which gives up, and
/// not the one that happens to be next.
public final class Account {
  private final Account parent;
  private final long limit;

  /// Guards an account with all that have the same parent.
  private final Object lock;

  private final Set<Account> holders = new HashSet<>();
  private long held;
  private boolean closed;
  private Runnable overdrawn = () -> {};

  public Account(long limit) {
    this(limit, null);
  }

  public Account(long limit, Account parent) {
    this.limit = limit;
    this.parent = parent;
    this.lock = parent == null ? this : parent;
  }

  /// What ends a peer that holds more than any other when all together hold too much. Called once
  /// at most, by the thread of another, which must not wait.
  public void whenOverdrawn(Runnable then) {
    synchronized (lock) {
      overdrawn = then;
    }
  }

  /// Takes `bytes` into the account, or nothing if it is closed or would pass its limit, or if with
  /// them it would hold most of an exhausted parent.
  public boolean tryReserve(long bytes) {
    Runnable ended = null;
    synchronized (lock) {
      if (closed || held + bytes > limit) {
        return false;
      }
      if (parent != null && parent.held + bytes > parent.limit) {
        Account most = parent.holderOfMost();
        if (most == null || most.held <= held + bytes) {
          return false;
        }
        ended = most.overdrawn;
        most.closeNow();
      }
      hold(bytes);
    }
    if (ended != null) {
      ended.run();
    }
    return true;
  }

  private Account holderOfMost() {
    Account most = null;
    for (Account holder : holders) {
      if (most == null || holder.held > most.held) {
        most = holder;
      }
    }
    return most;
  }

  public void release(long bytes) {
    synchronized (lock) {
      if (!closed) {
        hold(-bytes);
      }
    }
  }

  /// Gives everything back to the parent, whatever was not released yet.
  public void close() {
    synchronized (lock) {
      closeNow();
    }
  }

  private void closeNow() {
    if (!closed) {
      hold(-held);
      closed = true;
    }
  }

  private void hold(long bytes) {
    held += bytes;
    if (parent != null) {
      parent.held += bytes;
      if (held == 0) {
        parent.holders.remove(this);
      } else {
        parent.holders.add(this);
      }
    }
  }

  public long heldBytes() {
    synchronized (lock) {
      return held;
    }
  }
}
