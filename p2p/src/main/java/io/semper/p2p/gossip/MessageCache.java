package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The messages of the last heartbeats, to announce and to answer requests with.
///
/// The spec's mcache, bounded in bytes as well: the oldest message gives way.
final class MessageCache {
  private static final class Entry {
    private final GossipMessage message;
    private final Map<PeerId, Integer> sent = new HashMap<>(0);

    private Entry(GossipMessage message) {
      this.message = message;
    }
  }

  private final int length;
  private final int gossip;
  private final long maxBytes;
  private final Map<MessageId, Entry> entries = new LinkedHashMap<>();

  // Newest window first.
  private final Deque<List<MessageId>> windows = new ArrayDeque<>();
  private long bytes;

  MessageCache(int length, int gossip, long maxBytes) {
    this.length = length;
    this.gossip = gossip;
    this.maxBytes = maxBytes;
    windows.addFirst(new ArrayList<>());
  }

  void put(MessageId id, GossipMessage message) {
    if (entries.putIfAbsent(id, new Entry(message)) != null) {
      return;
    }
    windows.getFirst().add(id);
    bytes += message.encodedBytes();
    Iterator<Entry> eldest = entries.values().iterator();
    while (bytes > maxBytes) {
      bytes -= eldest.next().message.encodedBytes();
      eldest.remove();
    }
  }

  /// The message for a peer that asks, `null` where it is gone or was sent to it `times` times.
  GossipMessage take(MessageId id, PeerId peer, int times) {
    Entry entry = entries.get(id);
    if (entry == null || entry.sent.merge(peer, 1, Integer::sum) > times) {
      return null;
    }
    return entry.message;
  }

  /// What to announce of a topic.
  List<MessageId> announceable(String topic) {
    List<MessageId> ids = new ArrayList<>();
    int window = 0;
    for (List<MessageId> each : windows) {
      if (window++ == gossip) {
        break;
      }
      for (MessageId id : each) {
        Entry entry = entries.get(id);
        if (entry != null && entry.message.topic().equals(topic)) {
          ids.add(id);
        }
      }
    }
    return ids;
  }

  /// A heartbeat passed.
  void shift() {
    if (windows.size() == length) {
      for (MessageId id : windows.removeLast()) {
        Entry gone = entries.remove(id);
        if (gone != null) {
          bytes -= gone.message.encodedBytes();
        }
      }
    }
    windows.addFirst(new ArrayList<>());
  }

  long bytes() {
    return bytes;
  }
}
