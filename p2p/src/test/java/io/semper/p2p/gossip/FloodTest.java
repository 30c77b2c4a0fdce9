package io.semper.p2p.gossip;

import static io.semper.p2p.gossip.RouterFixture.BLOCKS;
import static io.semper.p2p.gossip.RouterFixture.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.gossip.Rpc.Subscription;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Peers that send much of what costs them little.
class FloodTest {
  /// T40: subscriptions to ever new topics (CVE-2026-46679).
  @Test
  void subscriptionsToUnknownTopicsAreBoundedAndGoneWithThePeer() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 1, false);
    for (int rpc = 0; rpc < 100; rpc++) {
      int first = rpc * 500;
      node.receive(
          0,
          Rpc.subscriptions(
              IntStream.range(first, first + 500)
                  .mapToObj(i -> new Subscription(true, "topic-" + i))
                  .toList()));
    }
    assertThat(node.score(0)).isLessThan(GossipParameters.DEFAULT.score().thresholds().graylist());
    for (int i : new int[] {200, 300}) {
      node.router.declare(Topic.unsigned("topic-" + i, 100, TopicScore.DEFAULT));
    }
    assertThat(node.router.subscribers("topic-200")).containsExactly(peer(0));
    assertThat(node.router.subscribers("topic-300")).isEmpty();
    node.router.left(peer(0));
    assertThat(node.router.subscribers("topic-200")).isEmpty();
    assertThat(node.router.subscribers(BLOCKS)).isEmpty();
  }

  @Test
  void aTopicKnownHereIsAlwaysTakenIn() {
    RouterFixture node = new RouterFixture().subscribers(0, 1, false);
    node.joined();
    node.router.left(peer(0));
    node.router.joined(peer(0), GossipVersion.V1_2, false, null);
    node.receive(
        0,
        Rpc.subscriptions(
            IntStream.range(0, 300).mapToObj(i -> new Subscription(true, "topic-" + i)).toList()));
    node.subscribe(0, BLOCKS);
    assertThat(node.router.subscribers(BLOCKS)).containsExactly(peer(0));
  }

  @Test
  void whateverAGraylistedPeerSendsIsIgnored() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 2, false);
    node.router.setApplicationScore(peer(0), -2_501);
    node.actions.clear();
    node.deliver(0, RouterFixture.message(1));
    node.announce(0, RouterFixture.id(1));
    node.graft(0);
    assertThat(node.actions).isEmpty();
    assertThat(node.router.statistics().graylisted()).isEqualTo(3);
  }

  /// T41, for many peers.
  @Test
  void adviceOfBackoffsIsBounded() {
    Backoffs backoffs = new Backoffs();
    for (int i = 0; i < 2 * GossipLimits.MAX_BACKOFFS; i++) {
      backoffs.add(peer(i), Long.MAX_VALUE, 0);
    }
    assertThat(backoffs.size()).isEqualTo(GossipLimits.MAX_BACKOFFS);
    backoffs.expire(Backoffs.MAX_MILLIS + 1, 0);
    assertThat(backoffs.size()).isZero();
  }

  @Test
  void thereIsRoomForSoManyPeers() {
    GossipLimits few = RouterFixture.limits(3, GossipLimits.DEFAULT.maxSeen());
    RouterFixture node = new RouterFixture(GossipParameters.DEFAULT, few, Set.of());
    for (int i = 0; i < 5; i++) {
      assertThat(node.router.joined(peer(i), GossipVersion.V1_2, false, null)).isEqualTo(i < 3);
    }
    node.receive(4, Rpc.mesh(List.of(BLOCKS), List.of()));
    assertThat(node.router.statistics().peers()).isEqualTo(3);
  }

  @Test
  void aPeerThatSendsWhatDoesNotDecodeIsHeldToAccount() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 1, false);
    for (int i = 0; i < 20; i++) {
      node.router.malformed(peer(0));
    }
    assertThat(node.score(0)).isLessThan(-500);
  }
}
