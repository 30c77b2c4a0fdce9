package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// What the router knows of a connected peer besides its score.
final class Peer {
  final PeerId id;
  final GossipVersion version;
  final boolean outbound;
  final boolean direct;
  final Set<String> topics = new HashSet<>();

  /// As of the last heartbeat.
  double score;

  // Within this heartbeat.
  int announcements;
  int asked;
  long iwantBytes;
  int exchanged;

  /// Its messages being verified or validated.
  int pending;

  private final byte[] idBytes;

  // What it does not want, with the heartbeat at which that is forgotten.
  private final Map<MessageId, Long> unwanted = new LinkedHashMap<>();

  Peer(PeerId id, GossipVersion version, boolean outbound, boolean direct) {
    this.id = id;
    this.version = version;
    this.outbound = outbound;
    this.direct = direct;
    idBytes = id.toBytes();
  }

  boolean isAuthorOf(GossipMessage message) {
    return Arrays.equals(idBytes, message.from());
  }

  void doesNotWant(MessageId id, long untilHeartbeat) {
    if (unwanted.size() < GossipLimits.MAX_UNWANTED) {
      unwanted.putIfAbsent(id, untilHeartbeat);
    }
  }

  boolean wants(MessageId id) {
    return !unwanted.containsKey(id);
  }

  int unwanted() {
    return unwanted.size();
  }

  void heartbeat(long number) {
    announcements = 0;
    asked = 0;
    iwantBytes = 0;
    exchanged = 0;
    Iterator<Long> until = unwanted.values().iterator();
    while (until.hasNext() && until.next() <= number) {
      until.remove();
    }
  }
}
