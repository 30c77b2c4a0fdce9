package io.semper.p2p.gossip;

import static io.semper.p2p.gossip.RouterFixture.TOPIC;
import static io.semper.p2p.gossip.RouterFixture.message;
import static io.semper.p2p.gossip.RouterFixture.peer;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Gossipsub 1.2: peers say that a large message has arrived already.
class IdontwantTest {
  private static final int LARGE = GossipParameters.DEFAULT.idontwantMinBytes();

  private static RouterFixture node() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 4, false);
    node.router.joined(peer(4), GossipVersion.V1_1, false, null);
    node.subscribe(4, TOPIC.name());
    node.heartbeat();
    node.actions.clear();
    return node;
  }

  private static List<Integer> told(RouterFixture node, MessageId id) {
    return IntStream.range(0, 5)
        .filter(i -> node.sentTo(i).stream().anyMatch(rpc -> rpc.idontwant().equals(List.of(id))))
        .boxed()
        .toList();
  }

  @Test
  void theMeshIsToldOnFirstReceiptBeforeTheVerdict() {
    RouterFixture node = node();
    MessageId id = node.deliver(0, message(1, LARGE));
    assertThat(told(node, id)).containsExactly(1, 2, 3);
    node.deliver(1, message(1, LARGE));
    assertThat(told(node, id)).isEmpty();
  }

  /// Before the message itself: it may arrive by another way while it is being sent.
  @Test
  void theMeshIsToldOfOwnMessagesBeforeTheyAreSent() {
    RouterFixture node = node();
    node.router.publish(message(1, LARGE));
    assertThat(node.actions).hasSize(4 + 5);
    assertThat(node.actions.subList(0, 4)).allMatch(Action.Send.class::isInstance);
    assertThat(node.actions.subList(4, 9)).allMatch(Action.Forward.class::isInstance);
    assertThat(told(node, message(1, LARGE).id(TOPIC))).containsExactly(0, 1, 2, 3);
  }

  @Test
  void smallMessagesAreNotWorthIt() {
    RouterFixture node = node();
    node.deliver(0, message(1, LARGE - 1));
    assertThat(node.take(Action.Send.class)).isEmpty();
  }

  @Test
  void whatAPeerDoesNotWantIsNotSentToIt() {
    RouterFixture node = node();
    MessageId id = node.deliver(0, message(1, LARGE));
    node.receive(1, Rpc.idontwant(id));
    node.router.validated(id, Verdict.ACCEPT);
    assertThat(node.forwarded()).containsExactlyInAnyOrder(peer(2), peer(3), peer(4));
    node.receive(1, Rpc.iwant(List.of(id)));
    assertThat(node.forwarded()).isEmpty();
    node.heartbeats(3);
    node.receive(1, Rpc.iwant(List.of(id)));
    assertThat(node.forwarded()).containsExactly(peer(1));
  }

  /// T44: more than can be meant.
  @Test
  void onlyAThousandAreRememberedOfAPeer() {
    RouterFixture node = node();
    for (int i = 0; i < 20; i++) {
      List<MessageId> ids =
          IntStream.range(5_000 * i, 5_000 * (i + 1)).mapToObj(RouterFixture::id).toList();
      node.receive(
          1, new Rpc(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), ids));
    }
    node.receive(1, Rpc.idontwant(message(1).id(TOPIC)));
    node.deliver(0, message(1), Verdict.ACCEPT);
    assertThat(node.forwarded()).contains(peer(1));
    assertThat(new Peer(peer(1), GossipVersion.V1_2, false, false))
        .satisfies(peer -> {
          for (int i = 0; i < 5_000; i++) {
            peer.doesNotWant(RouterFixture.id(i), 3);
          }
          assertThat(peer.unwanted()).isEqualTo(GossipLimits.MAX_UNWANTED);
        });
  }

  /// T44, by those who are sent nothing anyway.
  @Test
  void peersOutsideTheMeshOrOfOlderVersionsAreNotListenedTo() {
    RouterFixture node = node();
    node.prune(1, 60);
    MessageId id = message(1).id(TOPIC);
    node.receive(1, Rpc.idontwant(id));
    node.receive(4, Rpc.idontwant(id));
    node.router.publish(message(1));
    assertThat(node.forwarded()).contains(peer(1), peer(4));
  }
}
