package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// Until when peers must not be grafted on one topic, and must not graft.
final class Backoffs {
  /// Longest backoff taken from a peer: whoever asks for more gets this.
  static final long MAX_MILLIS = 3_600_000;

  private final Map<PeerId, Long> until = new LinkedHashMap<>();

  /// Extends a backoff, never shortens one.
  void add(PeerId peer, long millis, long now) {
    long end = now + Math.min(millis, MAX_MILLIS);
    Long old = until.remove(peer);
    if (old == null && until.size() >= GossipLimits.MAX_BACKOFFS) {
      Iterator<Long> eldest = until.values().iterator();
      eldest.next();
      eldest.remove();
    }
    until.put(peer, old == null ? end : Math.max(old, end));
  }

  /// Whether the peer's backoff ended less than `slackMillis` ago, or has not ended.
  boolean holds(PeerId peer, long now, long slackMillis) {
    Long end = until.get(peer);
    return end != null && now - end < slackMillis;
  }

  void expire(long now, long slackMillis) {
    until.values().removeIf(end -> now - end > slackMillis);
  }

  int size() {
    return until.size();
  }
}
