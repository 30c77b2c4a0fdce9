package io.semper.p2p.gossip;

/// What a peer gains and loses on one topic: P1 to P4 of gossipsub 1.1.
///
/// A decay is the factor applied once every [ScoreParameters#decayMillis]; [#decay] computes it.
///
/// @param weight of the whole topic in the score
/// @param time P1
/// @param first P2
/// @param mesh P3; a weight of 0 turns it off, which is right until a topic's rate is known
/// @param failure P3b
/// @param invalid P4
public record TopicScore(
    double weight,
    TimeInMesh time,
    FirstDeliveries first,
    MeshDeliveries mesh,
    MeshFailures failure,
    InvalidMessages invalid) {

  /// P1, for staying in the mesh: one for each quantum, up to the cap.
  public record TimeInMesh(double weight, long quantumMillis, double cap) {
    public TimeInMesh {
      require(weight >= 0 && quantumMillis > 0 && cap >= 0, "P1");
    }
  }

  /// P2, for having delivered messages first, up to the cap.
  public record FirstDeliveries(double weight, double decay, double cap) {
    public FirstDeliveries {
      require(weight >= 0 && isDecay(decay) && cap >= 0, "P2");
    }
  }

  /// P3, for delivering less than the threshold while in the mesh, squared.
  ///
  /// @param windowMillis how long after a message was validated a copy still counts
  /// @param activationMillis time in the mesh before anything is expected
  public record MeshDeliveries(
      double weight,
      double decay,
      double cap,
      double threshold,
      long windowMillis,
      long activationMillis) {
    public MeshDeliveries {
      require(weight <= 0 && isDecay(decay) && threshold <= cap && windowMillis >= 0, "P3");
      require(activationMillis >= 0, "P3 activation");
    }
  }

  /// P3b, what P3 was when the peer left the mesh; it stays and decays.
  public record MeshFailures(double weight, double decay) {
    public MeshFailures {
      require(weight <= 0 && isDecay(decay), "P3b");
    }
  }

  /// P4, for invalid messages, squared.
  public record InvalidMessages(double weight, double decay) {
    public InvalidMessages {
      require(weight <= 0 && isDecay(decay), "P4");
    }
  }

  /// Rewards first deliveries, punishes invalid messages, expects no rate.
  public static final TopicScore DEFAULT =
      new TopicScore(
          1,
          new TimeInMesh(1.0 / 3600, 1_000, 3600),
          new FirstDeliveries(0.5, decay(600_000, 1_000), 40),
          new MeshDeliveries(0, 0.9, 0, 0, 0, 0),
          new MeshFailures(0, 0.9),
          new InvalidMessages(-100, decay(3_600_000, 1_000)));

  public TopicScore {
    require(weight >= 0, "topic weight");
  }

  /// The same with an expected rate.
  public TopicScore withMesh(MeshDeliveries mesh, MeshFailures failure) {
    return new TopicScore(weight, time, first, mesh, failure, invalid);
  }

  /// The factor that takes 1 to 0.01 in `millis` when applied every `intervalMillis`.
  public static double decay(long millis, long intervalMillis) {
    return Math.pow(0.01, (double) intervalMillis / millis);
  }

  static boolean isDecay(double factor) {
    return factor > 0 && factor < 1;
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException(what + " out of range");
    }
  }
}
