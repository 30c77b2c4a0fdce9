package io.semper.p2p.gossip;

import static io.semper.p2p.gossip.TopicScore.isDecay;
import static io.semper.p2p.gossip.TopicScore.require;

import java.util.Set;

/// What makes up a peer's score besides its topics, and what a score means.
///
/// @param topicCap most that all topics together can give; 0 for no cap
/// @param applicationWeight P5, of the score the application sets
/// @param colocation P6
/// @param behaviour P7
/// @param decayMillis how often counters decay
/// @param decayToZero a counter below this becomes 0
/// @param retainMillis how long a peer that left keeps a score that is not positive
public record ScoreParameters(
    double topicCap,
    double applicationWeight,
    Colocation colocation,
    Behaviour behaviour,
    long decayMillis,
    double decayToZero,
    long retainMillis,
    Thresholds thresholds) {

  /// P6, for every peer above the threshold at one address, squared.
  ///
  /// @param exempt addresses that may hold any number
  public record Colocation(double weight, int threshold, Set<String> exempt) {
    public Colocation {
      require(weight <= 0 && threshold >= 1, "P6");
    }
  }

  /// P7, for breaking the protocol's rules more often than the threshold, squared.
  public record Behaviour(double weight, double decay, double threshold) {
    public Behaviour {
      require(weight <= 0 && isDecay(decay) && threshold >= 0, "P7");
    }
  }

  /// What a score means.
  ///
  /// @param gossip below it, no gossip is exchanged
  /// @param publish below it, own messages are not flooded to the peer
  /// @param graylist below it, whatever the peer sends is ignored
  /// @param acceptPeerExchange from it on, peers it recommends are dialled
  /// @param opportunisticGraft where the mesh's median is below, better peers are grafted
  public record Thresholds(
      double gossip,
      double publish,
      double graylist,
      double acceptPeerExchange,
      double opportunisticGraft) {
    public Thresholds {
      require(gossip <= 0 && publish <= gossip && graylist <= publish, "thresholds");
      require(acceptPeerExchange >= 0 && opportunisticGraft >= 0, "thresholds");
    }
  }

  public static final ScoreParameters DEFAULT =
      new ScoreParameters(
          100,
          1,
          new Colocation(-50, 8, Set.of()),
          new Behaviour(-10, TopicScore.decay(600_000, 1_000), 6),
          1_000,
          0.01,
          600_000,
          new Thresholds(-500, -1_000, -2_500, 50, 2));

  public ScoreParameters {
    require(topicCap >= 0 && applicationWeight >= 0, "score");
    require(decayMillis > 0 && decayToZero > 0 && decayToZero < 1 && retainMillis >= 0, "decay");
  }

  public ScoreParameters withColocation(Colocation colocation) {
    return new ScoreParameters(
        topicCap,
        applicationWeight,
        colocation,
        behaviour,
        decayMillis,
        decayToZero,
        retainMillis,
        thresholds);
  }
}
