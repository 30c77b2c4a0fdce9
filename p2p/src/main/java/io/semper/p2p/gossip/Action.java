package io.semper.p2p.gossip;

import io.semper.p2p.identity.PeerId;

/// What the router asks of the world, in order.
public sealed interface Action {
  /// Send control: subscriptions, GRAFT, PRUNE, IHAVE, IWANT, IDONTWANT; no messages.
  record Send(PeerId to, Rpc control) implements Action {}

  /// Send one message.
  ///
  /// @param own published here; the last to be given up where the peer reads too slowly
  /// @param gatherMillis of its topic
  record Forward(PeerId to, GossipMessage message, MessageId id, boolean own, int gatherMillis)
      implements Action {}

  /// The peer has sent a message itself, which it need not be sent any more if it has not been yet.
  record Obsolete(PeerId to, MessageId id) implements Action {}

  /// Check the message's signature and report to [Router#signatureChecked].
  record Verify(PeerId from, GossipMessage message) implements Action {}

  /// Ask the topic's validator and report to [Router#validated].
  record Validate(PeerId from, GossipMessage message, MessageId id) implements Action {}

  /// An accepted message for the subscriber. Those published here are not delivered.
  record Deliver(PeerId from, GossipMessage message) implements Action {}

  /// Dial a peer that another one recommends.
  ///
  /// @param signedRecord its sealed peer record, already checked
  record Connect(PeerId peer, byte[] signedRecord) implements Action {}
}
