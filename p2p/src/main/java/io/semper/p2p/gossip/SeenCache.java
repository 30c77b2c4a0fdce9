package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// Which messages were seen, and what became of them.
///
/// All entries live equally long, so the order they came in is the order they go. The cap holds
/// under attack; the time only when there is none.
final class SeenCache {
  enum Fate {
    PENDING,
    ACCEPTED,
    IGNORED,
    REJECTED
  }

  /// A message that was seen.
  static final class Entry {
    private final long expiresMillis;
    private Fate fate = Fate.PENDING;
    private long settledMillis;

    // Who brought a copy that counts or may yet count; null once no copy counts any more.
    private Set<PeerId> senders = new HashSet<>();

    private Entry(long expiresMillis) {
      this.expiresMillis = expiresMillis;
    }

    Fate fate() {
      return fate;
    }

    long settledMillis() {
      return settledMillis;
    }

    Set<PeerId> senders() {
      return senders == null ? Set.of() : senders;
    }

    /// @return whether this is the peer's first copy
    boolean addSender(PeerId peer) {
      return senders != null && senders.add(peer);
    }
  }

  private final int max;
  private final long keepMillis;
  private final Map<MessageId, Entry> entries = new LinkedHashMap<>();
  private final Deque<Entry> counting = new ArrayDeque<>();

  SeenCache(int max, long keepMillis) {
    this.max = max;
    this.keepMillis = keepMillis;
  }

  /// `null` where the message was not seen, or too long ago.
  Entry get(MessageId id, long now) {
    Entry entry = entries.get(id);
    return entry == null || now - entry.expiresMillis >= 0 ? null : entry;
  }

  Entry add(MessageId id, long now) {
    entries.remove(id);
    if (entries.size() >= max) {
      Iterator<Entry> eldest = entries.values().iterator();
      eldest.next();
      eldest.remove();
    }
    Entry entry = new Entry(now + keepMillis);
    entries.put(id, entry);
    return entry;
  }

  void settle(Entry entry, Fate fate, long now) {
    entry.fate = fate;
    entry.settledMillis = now;
    counting.add(entry);
  }

  /// Forgets what expired, and who sent what was settled more than `windowMillis` ago.
  void expire(long now, long windowMillis) {
    while (!counting.isEmpty() && now - counting.peek().settledMillis > windowMillis) {
      counting.remove().senders = null;
    }
    Iterator<Entry> each = entries.values().iterator();
    while (each.hasNext() && now - each.next().expiresMillis >= 0) {
      each.remove();
    }
  }

  int size() {
    return entries.size();
  }
}
