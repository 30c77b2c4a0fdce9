package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;

/// Says whether a message is worth passing on. Called on a virtual thread of its own for each
/// message, for many at once; it may wait for other things, but not longer than
/// [Router#VALIDATION_MILLIS].
@FunctionalInterface
public interface Validator {
  Verdict validate(PeerId from, GossipMessage message);
}
