package io.semper.p2p.gossip;

/// Every bound of this package that an operator may want to set.
///
/// @param maxRpcBytes of an RPC, in either direction; a longer one ends the peer's stream
/// @param maxPeers of the router; further ones are not taken in
/// @param maxTopicsPerPeer subscriptions of a peer that are remembered, besides topics known here
/// @param maxSeen messages remembered as seen; under attack this bounds, not the time
/// @param maxHistoryBytes of messages kept to answer requests
/// @param maxPending messages being verified or validated
/// @param maxPendingBytes of these
/// @param maxPendingPerPeer of these, brought by one peer
/// @param maxIwantBytes answered to one peer within a heartbeat
/// @param maxSendBytes waiting for one peer that reads slowly
/// @param maxEvents waiting for the router's thread
public record GossipLimits(
    int maxRpcBytes,
    int maxPeers,
    int maxTopicsPerPeer,
    int maxSeen,
    long maxHistoryBytes,
    int maxPending,
    long maxPendingBytes,
    int maxPendingPerPeer,
    long maxIwantBytes,
    int maxSendBytes,
    int maxEvents) {
  /// Subscriptions in one RPC.
  static final int MAX_SUBSCRIPTIONS = 512;

  /// Messages in one RPC: what answers the longest request.
  static final int MAX_MESSAGES = 5_000;

  /// IHAVE, IWANT, GRAFT, PRUNE and IDONTWANT entries in one RPC, each.
  static final int MAX_CONTROL_ENTRIES = 1_024;

  /// Identifiers in one RPC that are read, each of IHAVE, IWANT and IDONTWANT; the rest is skipped.
  static final int MAX_IDS = 5_000;

  /// Peers read from one PRUNE; the rest is skipped.
  static final int MAX_EXCHANGED_PEERS = 16;

  /// Bytes of a signed peer record.
  static final int MAX_PEER_RECORD_BYTES = 8 * 1024;

  /// Pruned peers remembered for each topic.
  static final int MAX_BACKOFFS = 4_096;

  /// Peers that left and whose scores are remembered.
  static final int MAX_RETAINED_SCORES = 4_096;

  /// Messages of one peer a second, on average over ten; whoever sends more is disconnected. An RPC
  /// without any counts as one.
  static final int MAX_MESSAGES_PER_SECOND = 10_000;

  /// Messages a peer may say it does not want, within the heartbeats that is remembered.
  static final int MAX_UNWANTED = 1_000;

  public static final GossipLimits DEFAULT =
      new GossipLimits(
          1 << 20,
          1_000,
          256,
          1 << 17,
          64L << 20,
          4_096,
          128L << 20,
          256,
          16L << 20,
          8 << 20,
          1_024);
}
