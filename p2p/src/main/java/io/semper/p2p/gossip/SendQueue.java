package io.semper.p2p.gossip;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What waits to be sent to one peer, bounded in bytes.
///
/// The router's thread puts and never waits; the peer's writer takes and does. A peer that reads
/// too slowly loses announcements first, then messages of others, those first that can wait, then
/// this node's own. Control it loses never: the queue overflows, and the peer is let go.
final class SendQueue {
  /// In the order they are sent; the later, the sooner given up.
  private enum Kind {
    CONTROL,
    OWN,
    OWN_GATHERED,
    FORWARDED,
    GATHERED,
    ANNOUNCEMENT;

    private boolean canWait() {
      return this == OWN_GATHERED || this == GATHERED;
    }

    /// The part of the queue, in percent, beyond which this kind is not taken any more.
    private int percent() {
      return switch (this) {
        case CONTROL -> 100;
        case OWN, OWN_GATHERED -> 90;
        case FORWARDED -> 75;
        case GATHERED -> 60;
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

  /// By kind, what waits, by identifiers or by itself.
  private final List<SequencedMap<Object, Entry>> waiting = new ArrayList<>();

  private long bytes;

  /// Until when messages that can wait do, as of `System.nanoTime()`, and how long the next do.
  private long gatheredUntil = System.nanoTime();

  private long gatherNanos;
  private boolean closed;
  private long dropped;

  SendQueue(int maxBytes) {
    this.maxBytes = maxBytes;
    for (Kind ignored : kinds) {
      waiting.add(new LinkedHashMap<>());
    }
  }

  /// @return false where the queue is full and control would be lost: the peer is not reading
  boolean control(Rpc rpc) {
    boolean lossy = !rpc.ihave().isEmpty() || !rpc.iwant().isEmpty() || !rpc.idontwant().isEmpty();
    boolean announcement = !rpc.ihave().isEmpty();
    Entry entry = new Entry(null, rpc.encode());
    boolean added = add(announcement ? Kind.ANNOUNCEMENT : Kind.CONTROL, entry, entry, 0);
    return added || lossy;
  }

  void message(Action.Forward forward) {
    boolean canWait = forward.gatherMillis() > 0;
    Kind own = canWait ? Kind.OWN_GATHERED : Kind.OWN;
    Kind forwarded = canWait ? Kind.GATHERED : Kind.FORWARDED;
    Entry entry = new Entry(forward.message(), null);
    add(forward.own() ? own : forwarded, forward.id(), entry, forward.gatherMillis());
  }

  private boolean add(Kind kind, Object key, Entry entry, int gatherMillis) {
    lock.lock();
    try {
      long most = (long) maxBytes * kind.percent() / 100;
      for (int i = kinds.length - 1; i > kind.ordinal(); i--) {
        while (bytes + entry.bytes() > most && !waiting.get(i).isEmpty()) {
          bytes -= waiting.get(i).pollFirstEntry().getValue().bytes();
          dropped++;
        }
      }
      if (closed || bytes + entry.bytes() > most) {
        dropped++;
        return false;
      }
      SequencedMap<Object, Entry> alike = waiting.get(kind.ordinal());
      boolean first = alike.isEmpty();
      if (alike.putIfAbsent(key, entry) != null) {
        return true;
      }
      bytes += entry.bytes();
      gatherNanos = Math.max(gatherNanos, TimeUnit.MILLISECONDS.toNanos(gatherMillis));
      // The writer knows when the first of those that can wait leaves.
      if (first || !kind.canWait()) {
        changed.signal();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Takes out a message that is still gathered.
  void remove(MessageId id) {
    lock.lock();
    try {
      for (Kind kind : kinds) {
        Entry entry = kind.canWait() ? waiting.get(kind.ordinal()).remove(id) : null;
        bytes -= entry == null ? 0 : entry.bytes();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits for something to send and takes it, with what waits besides, in the order it is to be
  /// sent; `null` once the queue is closed.
  ///
  /// @param joinedBytes of entries up to which there is more than one
  List<Entry> take(int joinedBytes) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        if (closed) {
          return null;
        }
        boolean gathered = has(true);
        long left = gathered ? gatheredUntil - System.nanoTime() : 0;
        if (gathered && left <= 0 || has(false)) {
          return poll(joinedBytes);
        }
        if (gathered) {
          changed.awaitNanos(left);
        } else {
          changed.await();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean has(boolean canWait) {
    for (Kind kind : kinds) {
      if (kind.canWait() == canWait && !waiting.get(kind.ordinal()).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private List<Entry> poll(int joinedBytes) {
    List<Entry> taken = new ArrayList<>();
    int sum = 0;
    for (Kind kind : kinds) {
      SequencedMap<Object, Entry> alike = waiting.get(kind.ordinal());
      while (!alike.isEmpty()) {
        int next = alike.firstEntry().getValue().bytes();
        if (!taken.isEmpty() && sum + next > joinedBytes) {
          return taken;
        }
        taken.add(alike.pollFirstEntry().getValue());
        bytes -= next;
        sum += next;
        if (kind.canWait()) {
          gatheredUntil = System.nanoTime() + gatherNanos;
        }
      }
    }
    return taken;
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
