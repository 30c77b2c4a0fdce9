package io.semper.p2p.gossip;

import static io.semper.p2p.gossip.RouterFixture.BLOCKS;
import static io.semper.p2p.gossip.RouterFixture.TOPIC;
import static io.semper.p2p.gossip.RouterFixture.peer;
import static io.semper.p2p.gossip.RouterFixture.peers;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.gossip.Rpc.Prune;
import io.semper.p2p.gossip.Rpc.Subscription;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Who is in the mesh: subscriptions, GRAFT and PRUNE, degrees, backoff.
class MeshTest {
  private static final GossipParameters.Degree DEGREE = GossipParameters.DEFAULT.degree();

  @Test
  void aNewPeerIsToldWhatThisNodeSubscribedTo() {
    RouterFixture node = new RouterFixture().joined();
    node.router.joined(peer(1), GossipVersion.V1_1, false, null);
    assertThat(node.sentTo(1))
        .singleElement()
        .satisfies(
            rpc -> assertThat(rpc.subscriptions()).containsExactly(new Subscription(true, BLOCKS)));
  }

  @Test
  void joiningTellsEveryoneAndGraftsUpToTheTarget() {
    RouterFixture node = new RouterFixture().subscribers(0, 20, false);
    node.joined();
    assertThat(node.mesh()).hasSize(DEGREE.target());
    for (int i = 0; i < 20; i++) {
      List<Rpc> sent = node.sentTo(i);
      assertThat(sent.getFirst().subscriptions()).containsExactly(new Subscription(true, BLOCKS));
      List<String> grafted = sent.stream().flatMap(rpc -> rpc.graft().stream()).toList();
      assertThat(grafted).isEqualTo(node.inMesh(i) ? List.of(BLOCKS) : List.of());
    }
  }

  @Test
  void subscriptionsSeenBeforeATopicIsKnownCountAfterwards() {
    RouterFixture node = new RouterFixture().subscribers(0, 3, false);
    node.router.declare(TOPIC);
    assertThat(node.router.subscribers(BLOCKS)).containsExactlyElementsOf(peers(0, 3));
  }

  @Test
  void belowTheLowDegreePeersAreGraftedUpToTheTarget() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 20, false);
    assertThat(node.mesh()).isEmpty();
    node.heartbeat();
    assertThat(node.mesh()).hasSize(DEGREE.target());
  }

  @Test
  void aboveTheHighDegreeTheMeshShrinksToTheTargetAndKeepsTheBest() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 14, true);
    for (int i = 0; i < 14; i++) {
      node.graft(i);
    }
    for (int i = 0; i < DEGREE.score(); i++) {
      node.deliver(i, RouterFixture.message(i), Verdict.ACCEPT);
    }
    node.heartbeat();
    assertThat(node.mesh()).hasSize(DEGREE.target()).containsAll(peers(0, DEGREE.score()));
    List<Prune> prunes =
        IntStream.range(0, 14).mapToObj(node::prunesTo).flatMap(List::stream).toList();
    assertThat(prunes).hasSize(6).allMatch(prune -> prune.backoffSeconds() == 60);
  }

  @Test
  void inboundPeersCannotFillAMeshBeyondTheHighDegree() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 100, false);
    for (int i = 0; i < 100; i++) {
      node.graft(i);
    }
    assertThat(node.mesh()).hasSize(DEGREE.high());
    assertThat(node.prunesTo(99)).hasSize(1);
  }

  /// T54: a hundred strangers in love with this node.
  @Test
  void inboundPeersThatGraftFirstLeaveRoomForThoseThisNodeDialled() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 100, false);
    for (int i = 0; i < 100; i++) {
      node.graft(i);
    }
    node.subscribers(100, 5, true);
    node.heartbeats(2);
    long outbound = node.mesh().stream().filter(peers(100, 5)::contains).count();
    assertThat(outbound).isGreaterThanOrEqualTo(DEGREE.outbound());
    for (int i = 100; i < 105; i++) {
      node.graft(i);
    }
    node.heartbeats(2);
    outbound = node.mesh().stream().filter(peers(100, 5)::contains).count();
    assertThat(outbound).isGreaterThanOrEqualTo(DEGREE.outbound());
    assertThat(node.mesh().size()).isLessThanOrEqualTo(DEGREE.high());
  }

  /// T45: grafts for topics of which nothing is known here.
  @Test
  void aGraftForATopicNotSubscribedToGetsNoAnswer() {
    RouterFixture node = new RouterFixture().subscribers(0, 1, false);
    node.sentTo(0);
    node.receive(0, Rpc.mesh(List.of("unknown", BLOCKS), List.of()));
    assertThat(node.sentTo(0)).isEmpty();
    assertThat(node.score(0)).isZero();
  }

  @Test
  void aPrunedPeerIsNotGraftedBeforeItsBackoffEnds() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 1, false);
    node.heartbeat();
    node.prune(0, 20);
    assertThat(node.mesh()).isEmpty();
    node.heartbeats(21);
    assertThat(node.mesh()).isEmpty();
    node.heartbeats(2);
    assertThat(node.mesh()).containsExactly(peer(0));
  }

  @Test
  void joiningAgainHonoursTheBackoff() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 1, false);
    node.heartbeat();
    node.router.leave(BLOCKS);
    assertThat(node.prunesTo(0)).extracting(Prune::backoffSeconds).containsExactly(10L);
    node.joined();
    assertThat(node.mesh()).isEmpty();
    node.heartbeats(13);
    assertThat(node.mesh()).containsExactly(peer(0));
  }

  /// T45: grafts without end, too early.
  @Test
  void aGraftWithinTheBackoffIsRefusedAndCountsTwiceSoonAfterThePrune() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 1, false);
    node.graft(0);
    node.prune(0, 60);
    for (int i = 0; i < 4; i++) {
      node.graft(0);
    }
    // Eight breaches against a threshold of six.
    assertThat(node.score(0)).isEqualTo(-10 * 4);
    assertThat(node.prunesTo(0)).hasSize(4);
    assertThat(node.mesh()).isEmpty();
  }

  /// Each refusal begins the backoff anew, so that whoever keeps asking keeps waiting.
  @Test
  void askingWithinTheBackoffProlongsIt() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 1, false);
    node.graft(0);
    node.prune(0, 60);
    node.heartbeats(40);
    node.graft(0);
    node.heartbeats(40);
    node.graft(0);
    assertThat(node.mesh()).isEmpty();
  }

  /// T41: waits beyond all time (CVE-2026-33040, CVE-2026-34219).
  @Test
  void backoffsNearTheEndOfTimeAreAnHour() {
    for (long seconds : new long[] {-1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE / 1000}) {
      RouterFixture node = new RouterFixture().joined().subscribers(0, 1, false);
      node.graft(0);
      node.prune(0, seconds);
      node.now += Backoffs.MAX_MILLIS - 1_000;
      node.heartbeat();
      assertThat(node.mesh()).isEmpty();
      node.heartbeats(4);
      assertThat(node.mesh()).containsExactly(peer(0));
    }
  }

  @Test
  void aPeerOfNegativeScoreIsPrunedAndNotGrafted() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 1, false);
    node.heartbeat();
    node.deliver(0, RouterFixture.message(1), Verdict.REJECT);
    node.sentTo(0);
    node.heartbeat();
    assertThat(node.mesh()).isEmpty();
    assertThat(node.prunesTo(0)).hasSize(1);
    node.heartbeats(70);
    node.graft(0);
    assertThat(node.mesh()).isEmpty();
    assertThat(node.prunesTo(0)).hasSize(1);
  }

  @Test
  void aPeerThatUnsubscribesOrLeavesIsInNoMesh() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 2, false);
    node.heartbeat();
    node.receive(0, Rpc.subscriptions(List.of(new Subscription(false, BLOCKS))));
    node.router.left(peer(1));
    assertThat(node.mesh()).isEmpty();
    assertThat(node.router.subscribers(BLOCKS)).isEmpty();
  }

  /// go-libp2p forgets what it was told when its stream breaks, and does not ask.
  @Test
  void aStreamOpenedAnewIsGreetedAnew() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 1, false);
    node.heartbeat();
    node.sentTo(0);
    node.router.reopened(peer(0));
    assertThat(node.mesh()).isEmpty();
    assertThat(node.sentTo(0).getFirst().subscriptions())
        .containsExactly(new Subscription(true, BLOCKS));
    node.subscribe(0, BLOCKS);
    node.heartbeat();
    assertThat(node.mesh()).containsExactly(peer(0));
  }

  @Test
  void directPeersAreInNoMeshAndGetEverything() {
    RouterFixture node =
        new RouterFixture(GossipParameters.DEFAULT, GossipLimits.DEFAULT, Set.of(peer(7)));
    node.joined().subscribers(0, 8, false);
    node.heartbeat();
    assertThat(node.mesh()).doesNotContain(peer(7));
    node.sentTo(7);
    node.graft(7);
    assertThat(node.prunesTo(7)).hasSize(1);
    node.deliver(0, RouterFixture.message(1), Verdict.ACCEPT);
    assertThat(node.forwarded()).contains(peer(7));
  }

  @Test
  void aMeshThatScoresBadlyLooksForBetterPeers() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 12, false);
    node.heartbeats(10);
    List<Integer> outside = IntStream.range(0, 12).filter(i -> !node.inMesh(i)).boxed().toList();
    int number = 0;
    for (int peer : outside) {
      for (int i = 0; i < 20; i++) {
        node.deliver(peer, RouterFixture.message(number++), Verdict.ACCEPT);
      }
    }
    node.heartbeats(Router.OPPORTUNISTIC_GRAFT_HEARTBEATS - 10);
    assertThat(node.mesh()).hasSize(DEGREE.target() + Router.OPPORTUNISTIC_GRAFT_PEERS);
  }
}
