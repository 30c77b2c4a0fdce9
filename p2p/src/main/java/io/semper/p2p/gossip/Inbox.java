package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What waits for the router's thread, in the order it came. The thread takes all of it at once:
/// one event at a time from a full queue means to wait, for each, until somebody else has run.
final class Inbox {
  /// Of one peer there may be this part of what may be of all, so that none keeps the others out.
  private static final int SHARE = 8;

  private final int maxFromPeers;
  private final int maxFromPeer;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition something = lock.newCondition();
  private final Condition room = lock.newCondition();
  private List<Runnable> waiting = new ArrayList<>();
  private final Map<PeerId, Integer> byPeer = new HashMap<>();
  private int fromPeers;
  private boolean closed;

  Inbox(int maxFromPeers) {
    this.maxFromPeers = maxFromPeers;
    maxFromPeer = Math.max(1, maxFromPeers / SHARE);
  }

  /// Adds what happens here or answers the router, which bounds how much that is.
  void add(Runnable event) {
    lock.lock();
    try {
      if (!closed) {
        waiting.add(event);
        something.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Adds what a peer sent, and waits while there is too much of that.
  void addFromPeer(PeerId peer, Runnable event) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed
          && (fromPeers >= maxFromPeers || byPeer.getOrDefault(peer, 0) >= maxFromPeer)) {
        room.await();
      }
      if (!closed) {
        fromPeers++;
        byPeer.merge(peer, 1, Integer::sum);
        waiting.add(event);
        something.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// All there is; where there is nothing, it waits for the first, but not longer than said.
  List<Runnable> take(long atMostMillis) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(atMostMillis);
      while (waiting.isEmpty() && left > 0 && !closed) {
        left = something.awaitNanos(left);
      }
      List<Runnable> taken = waiting;
      waiting = new ArrayList<>();
      fromPeers = 0;
      byPeer.clear();
      room.signalAll();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// Nothing is added any more, and nobody waits.
  void close() {
    lock.lock();
    try {
      closed = true;
      waiting.clear();
      something.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
