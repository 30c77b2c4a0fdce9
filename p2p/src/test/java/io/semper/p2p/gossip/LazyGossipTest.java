package io.semper.p2p.gossip;

import static io.semper.p2p.gossip.RouterFixture.BLOCKS;
import static io.semper.p2p.gossip.RouterFixture.TOPIC;
import static io.semper.p2p.gossip.RouterFixture.id;
import static io.semper.p2p.gossip.RouterFixture.message;
import static io.semper.p2p.gossip.RouterFixture.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.gossip.Rpc.IHave;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// IHAVE and IWANT: what the mesh did not bring is asked for.
class LazyGossipTest {
  private static RouterFixture node(int peers) {
    RouterFixture node = new RouterFixture().joined().subscribers(0, peers, false);
    node.heartbeat();
    node.actions.clear();
    return node;
  }

  private static MessageId[] ids(int first, int count) {
    return IntStream.range(first, first + count)
        .mapToObj(RouterFixture::id)
        .toArray(MessageId[]::new);
  }

  private static List<IHave> announcedTo(RouterFixture node, int peer) {
    return node.sentTo(peer).stream().flatMap(rpc -> rpc.ihave().stream()).toList();
  }

  @Test
  void peersOutsideTheMeshAreToldOfTheLastThreeHeartbeats() {
    RouterFixture node = node(50);
    MessageId id = node.deliver(0, message(1), Verdict.ACCEPT);
    for (int beat = 0; beat < 4; beat++) {
      node.actions.clear();
      node.heartbeat();
      List<Integer> told = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        for (IHave each : announcedTo(node, i)) {
          assertThat(each).isEqualTo(new IHave(BLOCKS, List.of(id)));
          told.add(i);
        }
      }
      // A quarter of the 42 outside the mesh.
      assertThat(told).hasSize(beat < 3 ? 10 : 0).noneMatch(node::inMesh);
    }
  }

  /// Whoever comes into the mesh has not been sent what came a moment before.
  @Test
  void newPeersOfTheMeshAreToldOnce() {
    RouterFixture node = node(3);
    MessageId id = node.deliver(0, message(1), Verdict.ACCEPT);
    node.subscribers(3, 1, false);
    node.graft(3);
    node.actions.clear();
    node.heartbeat();
    assertThat(announcedTo(node, 3)).containsExactly(new IHave(BLOCKS, List.of(id)));
    assertThat(announcedTo(node, 0)).isEmpty();
    node.heartbeat();
    assertThat(announcedTo(node, 3)).isEmpty();
  }

  @Test
  void peersBelowTheGossipThresholdAreNeitherToldNorAsked() {
    RouterFixture node = node(9);
    int outside = IntStream.range(0, 9).filter(i -> !node.inMesh(i)).findFirst().getAsInt();
    node.router.setApplicationScore(peer(outside), -501);
    MessageId id = node.deliver(outside == 0 ? 1 : 0, message(1), Verdict.ACCEPT);
    node.actions.clear();
    node.heartbeat();
    assertThat(announcedTo(node, outside)).isEmpty();
    node.announce(outside, id(77));
    assertThat(node.iwantTo(outside)).isEmpty();
    node.receive(outside, Rpc.iwant(List.of(id)));
    assertThat(node.forwarded()).isEmpty();
  }

  @Test
  void whatIsAnnouncedAndNotSeenIsAskedFor() {
    RouterFixture node = node(2);
    MessageId known = node.deliver(0, message(1), Verdict.ACCEPT);
    node.announce(1, known, id(5), id(6));
    assertThat(node.iwantTo(1)).containsExactlyInAnyOrder(id(5), id(6));
  }

  @Test
  void announcementsOfTopicsNotJoinedAreIgnored() {
    RouterFixture node = node(1);
    node.receive(0, Rpc.ihave(List.of(new IHave("other", List.of(id(1))))));
    assertThat(node.iwantTo(0)).isEmpty();
  }

  /// T43: the same asked for again and again.
  @Test
  void aMessageIsSentToAPeerThatAsksThreeTimesAtMost() {
    RouterFixture node = node(2);
    MessageId id = node.deliver(0, message(1), Verdict.ACCEPT);
    node.forwarded();
    for (int i = 0; i < 10; i++) {
      node.receive(1, Rpc.iwant(List.of(id, id, id)));
    }
    assertThat(node.forwarded()).hasSize(3);
  }

  /// T43: all there is asked for.
  @Test
  void whatIsSentToOnePeerThatAsksIsBoundedWithinAHeartbeat() {
    RouterFixture node = node(2);
    List<MessageId> all = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      all.add(node.deliver(0, message(i, 90_000), Verdict.ACCEPT));
    }
    node.forwarded();
    node.receive(1, Rpc.iwant(all));
    long most = GossipLimits.DEFAULT.maxIwantBytes() / 90_000;
    assertThat(node.forwarded().size()).isEqualTo((int) most);
    node.receive(1, Rpc.iwant(all));
    assertThat(node.forwarded()).isEmpty();
  }

  @Test
  void tenAnnouncementsAPeerAndHeartbeatAreFollowedUp() {
    RouterFixture node = node(1);
    for (int i = 0; i < 50; i++) {
      node.announce(0, id(i));
    }
    assertThat(node.iwantTo(0)).hasSize(Router.MAX_IHAVE_MESSAGES);
    node.heartbeat();
    node.announce(0, id(50));
    assertThat(node.iwantTo(0)).containsExactly(id(50));
  }

  @Test
  void fiveThousandIdentifiersAPeerAndHeartbeatAreAskedFor() {
    RouterFixture node = node(1);
    for (int i = 0; i < 5; i++) {
      node.announce(0, ids(i * 2_000, 2_000));
    }
    assertThat(node.iwantTo(0)).hasSize(Router.MAX_IHAVE_LENGTH);
  }

  /// T42: announcements of what does not exist, ten RPCs of 5,000 identifiers, as often as one
  /// likes.
  @Test
  void brokenPromisesCount() {
    RouterFixture node = node(2);
    for (int i = 0; i < 10; i++) {
      node.announce(0, ids(i * 5_000, 5_000));
    }
    node.heartbeats(2);
    assertThat(node.score(0)).isGreaterThanOrEqualTo(0);
    for (int beat = 0; beat < 10; beat++) {
      for (int i = 0; i < 10; i++) {
        node.announce(0, id(100_000 + 10 * beat + i));
      }
      node.heartbeat();
    }
    assertThat(node.score(0)).isLessThan(-500);
    node.iwantTo(0);
    node.announce(0, id(1));
    assertThat(node.iwantTo(0)).isEmpty();
    assertThat(node.score(1)).isGreaterThanOrEqualTo(0);
  }

  @Test
  void aPromiseIsKeptByWhoeverBringsTheMessage() {
    RouterFixture node = node(3);
    for (int i = 0; i < 20; i++) {
      node.announce(0, message(i).id(TOPIC));
      node.deliver(1, message(i), Verdict.ACCEPT);
      node.heartbeat();
    }
    node.heartbeats(5);
    assertThat(node.score(0)).isGreaterThanOrEqualTo(0);
  }

  /// T57: after a pause of this node, what peers sent in time lies unread in front of it.
  @Test
  void aPauseOfThisNodeBreaksNobodysPromise() {
    RouterFixture node = node(2);
    for (int i = 0; i < 10; i++) {
      node.announce(0, message(i).id(TOPIC));
    }
    node.now += 20_000;
    node.router.tick();
    assertThat(node.score(0)).isGreaterThanOrEqualTo(0);
    for (int i = 0; i < 10; i++) {
      node.deliver(0, message(i), Verdict.ACCEPT);
    }
    node.heartbeats(5);
    assertThat(node.score(0)).isGreaterThanOrEqualTo(0);
  }

  @Test
  void noPromiseIsLeftOfAPeerThatLeft() {
    Promises promises = new Promises(3_000);
    promises.add(id(1), peer(1), 0);
    promises.add(id(1), peer(2), 0);
    promises.add(id(2), peer(1), 0);
    promises.left(peer(1));
    assertThat(promises.size()).isEqualTo(1);
    assertThat(promises.broken(3_000)).containsOnlyKeys(peer(2));
    assertThat(promises.size()).isZero();
  }
}
