package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// One message out of each announcement that this node followed up: it has to come in time.
///
/// A node that announces what it does not have makes others wait for nothing; P7 counts that. The
/// number is bounded by what the router asks for within a heartbeat.
final class Promises {
  private final long followUpMillis;
  private final Map<MessageId, Map<PeerId, Long>> due = new LinkedHashMap<>();

  Promises(long followUpMillis) {
    this.followUpMillis = followUpMillis;
  }

  void add(MessageId id, PeerId peer, long now) {
    due.computeIfAbsent(id, none -> new LinkedHashMap<>(2)).putIfAbsent(peer, now + followUpMillis);
  }

  /// The message came, from whomever.
  void kept(MessageId id) {
    due.remove(id);
  }

  void left(PeerId peer) {
    due.values().removeIf(peers -> peers.remove(peer) != null && peers.isEmpty());
  }

  /// This node itself was late by so much: what came meanwhile is not read yet.
  void postpone(long millis) {
    due.values().forEach(peers -> peers.replaceAll((peer, at) -> at + millis));
  }

  /// Peers that broke promises, and how many.
  Map<PeerId, Integer> broken(long now) {
    Map<PeerId, Integer> broken = new HashMap<>();
    Iterator<Map<PeerId, Long>> each = due.values().iterator();
    while (each.hasNext()) {
      Map<PeerId, Long> peers = each.next();
      peers
          .entrySet()
          .removeIf(promise -> {
            boolean late = now - promise.getValue() >= 0;
            if (late) {
              broken.merge(promise.getKey(), 1, Integer::sum);
            }
            return late;
          });
      if (peers.isEmpty()) {
        each.remove();
      }
    }
    return broken;
  }

  int size() {
    return due.size();
  }
}
