package io.semper.p2p.gossip;

/// The parameters of gossipsub an operator or a network may want to set. Those nobody sets are
/// constants of [Router].
///
/// @param historyLength heartbeats a message is kept to answer requests
/// @param historyGossip heartbeats a message is announced to peers outside the mesh
/// @param seenMillis how long a message counts as seen
/// @param pruneBackoffMillis how long a pruned peer must not graft again
/// @param floodPublishMaxBytes up to this size own messages go to every peer of the topic, not only
///   to the mesh; 0 for never
/// @param idontwantMinBytes from this size on, peers are told that a message has arrived
/// @param peerExchange whether pruned peers are told of others
public record GossipParameters(
    Degree degree,
    long heartbeatMillis,
    int historyLength,
    int historyGossip,
    long seenMillis,
    long pruneBackoffMillis,
    int floodPublishMaxBytes,
    int idontwantMinBytes,
    boolean peerExchange,
    ScoreParameters score) {

  /// How many peers a mesh has.
  ///
  /// @param target D
  /// @param low D_lo: below it peers are grafted
  /// @param high D_hi: above it peers are pruned
  /// @param score D_score: the best ones kept when pruning
  /// @param outbound D_out: least number of peers this node dialled
  /// @param lazy D_lazy: least number of peers outside the mesh that get announcements
  public record Degree(int target, int low, int high, int score, int outbound, int lazy) {
    public static final Degree DEFAULT = new Degree(8, 6, 12, 5, 3, 6);

    public Degree {
      if (low > target
          || target > high
          || score > target
          || outbound >= low
          || outbound > target / 2) {
        throw new IllegalArgumentException("mesh degrees contradict each other");
      }
    }
  }

  public static final GossipParameters DEFAULT =
      new GossipParameters(
          Degree.DEFAULT,
          1_000,
          5,
          3,
          120_000,
          60_000,
          16 * 1024,
          1_024,
          false,
          ScoreParameters.DEFAULT);

  public GossipParameters {
    if (heartbeatMillis <= 0 || historyGossip > historyLength || historyGossip <= 0) {
      throw new IllegalArgumentException("history contradicts itself");
    }
  }

  public GossipParameters withFloodPublish(int maxBytes) {
    return new GossipParameters(
        degree,
        heartbeatMillis,
        historyLength,
        historyGossip,
        seenMillis,
        pruneBackoffMillis,
        maxBytes,
        idontwantMinBytes,
        peerExchange,
        score);
  }

  public GossipParameters withDegree(Degree degree) {
    return new GossipParameters(
        degree,
        heartbeatMillis,
        historyLength,
        historyGossip,
        seenMillis,
        pruneBackoffMillis,
        floodPublishMaxBytes,
        idontwantMinBytes,
        peerExchange,
        score);
  }

  public GossipParameters withFloodPublishMaxBytes(int floodPublishMaxBytes) {
    return new GossipParameters(
        degree,
        heartbeatMillis,
        historyLength,
        historyGossip,
        seenMillis,
        pruneBackoffMillis,
        floodPublishMaxBytes,
        idontwantMinBytes,
        peerExchange,
        score);
  }

  public GossipParameters withPeerExchange(boolean peerExchange) {
    return new GossipParameters(
        degree,
        heartbeatMillis,
        historyLength,
        historyGossip,
        seenMillis,
        pruneBackoffMillis,
        floodPublishMaxBytes,
        idontwantMinBytes,
        peerExchange,
        score);
  }

  public GossipParameters withScore(ScoreParameters score) {
    return new GossipParameters(
        degree,
        heartbeatMillis,
        historyLength,
        historyGossip,
        seenMillis,
        pruneBackoffMillis,
        floodPublishMaxBytes,
        idontwantMinBytes,
        peerExchange,
        score);
  }
}
