package io.semper.p2p.gossip;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What waits to be sent to one peer, bounded in bytes.
///
/// The router's thread puts and never waits; the peer's writer takes and does. A peer that reads
/// too slowly loses announcements first, then messages of others, then this node's own. Control it
/// loses never: the queue overflows, and the peer is let go.
final class SendQueue {
  /// In the order they are sent; the later, the sooner given up.
  private enum Kind {
    CONTROL,
    OWN,
    FORWARDED,
    ANNOUNCEMENT;

    /// The part of the queue, in percent, beyond which this kind is not taken any more.
    private int percent() {
      return switch (this) {
        case CONTROL -> 100;
        case OWN -> 90;
        case FORWARDED -> 75;
        case ANNOUNCEMENT -> 25;
      };
    }
  }

  /// What an entry takes besides its bytes, roughly: floods of tiny entries are bounded too.
  private static final int ENTRY_BYTES = 128;

  /// An RPC to be sent: one message, or encoded control.
  record Entry(GossipMessage message, byte[] control) {
    int bytes() {
      return ENTRY_BYTES + (message == null ? control.length : message.encodedBytes());
    }
  }

  private final int maxBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Kind[] kinds = Kind.values();
  private final Deque<Entry>[] waiting;
  private long bytes;
  private boolean closed;
  private long dropped;

  @SuppressWarnings({"unchecked", "rawtypes"})
  SendQueue(int maxBytes) {
    this.maxBytes = maxBytes;
    waiting = new Deque[kinds.length];
    for (int i = 0; i < kinds.length; i++) {
      waiting[i] = new ArrayDeque<>();
    }
  }

  /// @return false where the queue is full and control would be lost: the peer is not reading
  boolean control(Rpc rpc) {
    boolean lossy = !rpc.ihave().isEmpty() || !rpc.iwant().isEmpty() || !rpc.idontwant().isEmpty();
    boolean announcement = !rpc.ihave().isEmpty();
    boolean added =
        add(announcement ? Kind.ANNOUNCEMENT : Kind.CONTROL, new Entry(null, rpc.encode()));
    return added || lossy;
  }

  void message(GossipMessage message, boolean own) {
    add(own ? Kind.OWN : Kind.FORWARDED, new Entry(message, null));
  }

  private boolean add(Kind kind, Entry entry) {
    lock.lock();
    try {
      long most = (long) maxBytes * kind.percent() / 100;
      for (int i = kinds.length - 1; i > kind.ordinal(); i--) {
        while (bytes + entry.bytes() > most && !waiting[i].isEmpty()) {
          bytes -= waiting[i].removeFirst().bytes();
          dropped++;
        }
      }
      if (closed || bytes + entry.bytes() > most) {
        dropped++;
        return false;
      }
      waiting[kind.ordinal()].addLast(entry);
      bytes += entry.bytes();
      changed.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for something to send; `null` once the queue is closed.
  Entry take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        if (closed) {
          return null;
        }
        for (Deque<Entry> each : waiting) {
          Entry entry = each.pollFirst();
          if (entry != null) {
            bytes -= entry.bytes();
            return entry;
          }
        }
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Entries that found no room, so far.
  long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }

  long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }
}
