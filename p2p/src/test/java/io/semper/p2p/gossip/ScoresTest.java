package io.semper.p2p.gossip;

import static io.semper.p2p.gossip.RouterFixture.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.semper.p2p.gossip.ScoreParameters.Behaviour;
import io.semper.p2p.gossip.ScoreParameters.Colocation;
import io.semper.p2p.gossip.ScoreParameters.Thresholds;
import io.semper.p2p.gossip.TopicScore.FirstDeliveries;
import io.semper.p2p.gossip.TopicScore.InvalidMessages;
import io.semper.p2p.gossip.TopicScore.MeshDeliveries;
import io.semper.p2p.gossip.TopicScore.MeshFailures;
import io.semper.p2p.gossip.TopicScore.TimeInMesh;
import io.semper.p2p.identity.PeerId;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Each part of the score against numbers worked out by hand.
class ScoresTest {
  private static final PeerId PEER = peer(1);
  private static final TopicScore NOTHING =
      new TopicScore(
          1,
          new TimeInMesh(0, 1_000, 0),
          new FirstDeliveries(0, 0.5, 0),
          new MeshDeliveries(0, 0.5, 0, 0, 0, 0),
          new MeshFailures(0, 0.5),
          new InvalidMessages(0, 0.5));
  private static final ScoreParameters PARAMETERS = parameters(0, 0);

  private static ScoreParameters parameters(double topicCap, double colocationWeight) {
    return new ScoreParameters(
        topicCap,
        2,
        new Colocation(colocationWeight, 2, Set.of("10.0.0.9")),
        new Behaviour(-3, 0.5, 2),
        1_000,
        0.01,
        60_000,
        new Thresholds(-1, -2, -3, 1, 1));
  }

  private static Topic topic(String name, TopicScore score) {
    return Topic.unsigned(name, 100, score);
  }

  private static Scores scores() {
    Scores scores = new Scores(PARAMETERS);
    scores.joined(PEER, null);
    return scores;
  }

  private static TopicScore with(TimeInMesh time, FirstDeliveries first, InvalidMessages invalid) {
    return new TopicScore(1, time, first, NOTHING.mesh(), NOTHING.failure(), invalid);
  }

  @Test
  void timeInTheMeshCountsInQuantaUpToTheCap() {
    Topic topic =
        topic("t", with(new TimeInMesh(0.5, 200, 100), NOTHING.first(), NOTHING.invalid()));
    Scores scores = scores();
    scores.grafted(PEER, topic, 0);
    scores.decay(2_000);
    assertThat(scores.score(PEER)).isEqualTo(0.5 * 10);
    scores.decay(1_000_000);
    assertThat(scores.score(PEER)).isEqualTo(0.5 * 100);
    scores.pruned(PEER, topic);
    assertThat(scores.score(PEER)).isZero();
  }

  @Test
  void firstDeliveriesCountUpToTheCapAndDecay() {
    Topic topic =
        topic("t", with(NOTHING.time(), new FirstDeliveries(3, 0.9, 20), NOTHING.invalid()));
    Scores scores = scores();
    for (int i = 0; i < 50; i++) {
      scores.firstDelivery(PEER, topic);
    }
    assertThat(scores.score(PEER)).isEqualTo(3 * 20);
    scores.decay(1_000);
    assertThat(scores.score(PEER)).isCloseTo(3 * 18, within(1e-9));
  }

  @Test
  void decayedCountersReachZero() {
    Topic topic =
        topic("t", with(NOTHING.time(), new FirstDeliveries(1, 0.5, 20), NOTHING.invalid()));
    Scores scores = scores();
    scores.firstDelivery(PEER, topic);
    for (int i = 0; i < 7; i++) {
      scores.decay(1_000);
    }
    assertThat(scores.score(PEER)).isZero();
  }

  @Test
  void missingMeshDeliveriesCountSquaredOnceActive() {
    Topic topic =
        topic(
            "t",
            NOTHING.withMesh(new MeshDeliveries(-1, 0.5, 100, 20, 10, 1_000), NOTHING.failure()));
    Scores scores = scores();
    scores.grafted(PEER, topic, 0);
    scores.decay(1_000);
    assertThat(scores.score(PEER)).isZero();
    scores.decay(1_001);
    assertThat(scores.score(PEER)).isEqualTo(-400);
    for (int i = 0; i < 8; i++) {
      scores.laterDelivery(PEER, topic);
    }
    assertThat(scores.score(PEER)).isEqualTo(-144);
    for (int i = 0; i < 200; i++) {
      scores.firstDelivery(PEER, topic);
    }
    assertThat(scores.score(PEER)).isZero();
    scores.decay(2_000);
    scores.decay(3_000);
    scores.decay(4_000);
    // 100, capped, halved three times.
    assertThat(scores.score(PEER)).isEqualTo(-(20 - 12.5) * (20 - 12.5));
  }

  @Test
  void deliveriesOutsideTheMeshAreNoMeshDeliveries() {
    Topic topic =
        topic(
            "t", NOTHING.withMesh(new MeshDeliveries(-1, 0.5, 100, 20, 10, 0), NOTHING.failure()));
    Scores scores = scores();
    for (int i = 0; i < 50; i++) {
      scores.laterDelivery(PEER, topic);
    }
    scores.grafted(PEER, topic, 0);
    scores.decay(1);
    assertThat(scores.score(PEER)).isEqualTo(-400);
  }

  @Test
  void whatWasMissingWhenAPeerIsPrunedStaysAndDecays() {
    Topic topic =
        topic(
            "t",
            NOTHING.withMesh(
                new MeshDeliveries(0, 0.5, 100, 20, 10, 0), new MeshFailures(-2, 0.5)));
    Scores scores = scores();
    scores.grafted(PEER, topic, 0);
    scores.decay(1);
    assertThat(scores.score(PEER)).isZero();
    scores.pruned(PEER, topic);
    assertThat(scores.score(PEER)).isEqualTo(-800);
    scores.decay(1_000);
    assertThat(scores.score(PEER)).isEqualTo(-400);
  }

  @Test
  void invalidMessagesCountSquared() {
    Topic topic = topic("t", with(NOTHING.time(), NOTHING.first(), new InvalidMessages(-1, 0.5)));
    Scores scores = scores();
    for (int i = 0; i < 20; i++) {
      scores.invalidMessage(PEER, topic);
    }
    assertThat(scores.score(PEER)).isEqualTo(-400);
    scores.decay(1_000);
    assertThat(scores.score(PEER)).isEqualTo(-100);
  }

  @Test
  void theTopicsTogetherGiveNoMoreThanTheCapButMayTakeMore() {
    Scores scores = new Scores(parameters(10, 0));
    scores.joined(PEER, null);
    TopicScore generous =
        with(NOTHING.time(), new FirstDeliveries(1, 0.5, 100), new InvalidMessages(-1, 0.5));
    for (String name : new String[] {"a", "b"}) {
      for (int i = 0; i < 8; i++) {
        scores.firstDelivery(PEER, topic(name, generous));
      }
    }
    assertThat(scores.score(PEER)).isEqualTo(10);
    for (int i = 0; i < 6; i++) {
      scores.invalidMessage(PEER, topic("a", generous));
    }
    assertThat(scores.score(PEER)).isEqualTo(16 - 36);
  }

  @Test
  void topicsWeigh() {
    TopicScore light =
        new TopicScore(
            0.25,
            NOTHING.time(),
            new FirstDeliveries(4, 0.5, 100),
            NOTHING.mesh(),
            NOTHING.failure(),
            NOTHING.invalid());
    Scores scores = scores();
    scores.firstDelivery(PEER, topic("t", light));
    assertThat(scores.score(PEER)).isEqualTo(1);
  }

  @Test
  void theApplicationsScoreIsWeighed() {
    Scores scores = scores();
    scores.setApplicationScore(PEER, -7);
    assertThat(scores.score(PEER)).isEqualTo(-14);
  }

  @Test
  void peersAtOneAddressBeyondTheThresholdCountSquared() {
    Scores scores = new Scores(parameters(0, -1));
    for (int i = 0; i < 5; i++) {
      scores.joined(peer(i), "10.0.0.1");
    }
    assertThat(scores.score(peer(0))).isEqualTo(-9);
    scores.left(peer(4), 0);
    assertThat(scores.score(peer(0))).isEqualTo(-4);
    for (int i = 10; i < 20; i++) {
      scores.joined(peer(i), "10.0.0.9");
    }
    assertThat(scores.score(peer(10))).isZero();
  }

  @Test
  void breachesBeyondTheThresholdCountSquaredAndDecay() {
    Scores scores = scores();
    scores.misbehaved(PEER, 2);
    assertThat(scores.score(PEER)).isZero();
    scores.misbehaved(PEER, 4);
    assertThat(scores.score(PEER)).isEqualTo(-3 * 16);
    scores.decay(1_000);
    assertThat(scores.score(PEER)).isEqualTo(-3);
  }

  /// T56: who leaves and comes back.
  @Test
  void aBadScoreOutlivesTheConnectionForAWhile() {
    Topic topic = topic("t", with(NOTHING.time(), NOTHING.first(), new InvalidMessages(-1, 0.5)));
    Scores scores = scores();
    for (int i = 0; i < 20; i++) {
      scores.invalidMessage(PEER, topic);
    }
    scores.left(PEER, 0);
    scores.decay(59_999);
    // It does not decay meanwhile: waiting is not behaving well.
    assertThat(scores.score(PEER)).isEqualTo(-400);
    scores.joined(PEER, null);
    assertThat(scores.score(PEER)).isEqualTo(-400);
    scores.left(PEER, 60_000);
    scores.decay(120_000);
    assertThat(scores.score(PEER)).isZero();
  }

  @Test
  void aGoodScoreIsForgottenAndLeavingTheMeshByLeavingCounts() {
    Topic topic =
        topic(
            "t",
            new TopicScore(
                1,
                NOTHING.time(),
                new FirstDeliveries(1, 0.5, 100),
                new MeshDeliveries(-1, 0.5, 100, 20, 10, 0),
                new MeshFailures(-1, 0.5),
                NOTHING.invalid()));
    Scores scores = scores();
    scores.firstDelivery(PEER, topic);
    scores.left(PEER, 0);
    assertThat(scores.score(PEER)).isZero();
    scores.joined(PEER, null);
    scores.grafted(PEER, topic, 0);
    scores.decay(1);
    scores.left(PEER, 1);
    scores.joined(PEER, null);
    assertThat(scores.score(PEER)).isEqualTo(-400);
  }

  @Test
  void scoresKeptOfPeersThatLeftAreBounded() {
    Scores scores = new Scores(PARAMETERS);
    for (int i = 0; i < 2 * GossipLimits.MAX_RETAINED_SCORES; i++) {
      scores.joined(peer(i), null);
      scores.left(peer(i), 0);
    }
    assertThat(scores.retained()).isEqualTo(GossipLimits.MAX_RETAINED_SCORES);
  }

  @Test
  void parametersThatContradictTheSpecificationAreRefused() {
    assertThatThrownBy(() -> new InvalidMessages(1, 0.5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new FirstDeliveries(1, 1, 5))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Thresholds(-2, -1, -3, 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new GossipParameters.Degree(8, 6, 12, 5, 6, 6))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
