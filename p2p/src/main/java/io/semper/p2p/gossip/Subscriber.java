package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;

/// Gets the accepted messages of a topic, one after the other. Where it is too slow by more than
/// [Gossip#MAX_UNDELIVERED] messages or [Gossip#MAX_UNDELIVERED_BYTES], further ones are dropped.
@FunctionalInterface
public interface Subscriber {
  void deliver(PeerId from, GossipMessage message);
}
