package io.semper.p2p.gossip;

import static io.semper.p2p.gossip.RouterFixture.BLOCKS;
import static io.semper.p2p.gossip.RouterFixture.TOPIC;
import static io.semper.p2p.gossip.RouterFixture.message;
import static io.semper.p2p.gossip.RouterFixture.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.gossip.Publication.Outcome;
import io.semper.p2p.identity.PeerId;
import io.semper.p2p.identity.PrivateKey;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Where a message of this node goes.
class PublishTest {
  private static final GossipParameters NO_FLOOD =
      GossipParameters.DEFAULT.withFloodPublishMaxBytes(0);

  @Test
  void aSmallMessageIsFloodedToEveryoneOfTheTopic() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 30, false);
    assertThat(node.router.publish(message(1))).isEqualTo(new Publication(Outcome.SENT, 30));
    assertThat(node.take(Action.Forward.class)).hasSize(30).allMatch(Action.Forward::own);
  }

  @Test
  void peersBelowThePublishThresholdAreLeftOut() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 3, false);
    node.router.setApplicationScore(peer(1), -1_001);
    node.router.setApplicationScore(peer(2), -999);
    node.router.publish(message(1));
    assertThat(node.forwarded()).containsExactly(peer(0), peer(2));
  }

  @Test
  void aLargeMessageGoesToTheMeshOnly() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 30, false);
    node.heartbeat();
    node.router.publish(message(1, 20_000));
    assertThat(node.forwarded()).containsExactlyInAnyOrderElementsOf(node.mesh());
  }

  @Test
  void aMeshTooSmallIsFilledUpForTheMessage() {
    RouterFixture node = new RouterFixture(NO_FLOOD).joined().subscribers(0, 30, false);
    assertThat(node.mesh()).isEmpty();
    node.router.publish(message(1));
    assertThat(node.forwarded()).hasSize(8);
  }

  @Test
  void withoutSubscribingAFanoutIsKeptForAMinute() {
    RouterFixture node = new RouterFixture(NO_FLOOD).subscribers(0, 30, false);
    node.router.declare(TOPIC);
    node.router.publish(message(1));
    List<PeerId> first = node.forwarded();
    assertThat(first).hasSize(8);
    node.heartbeats(30);
    node.router.publish(message(2));
    assertThat(node.forwarded()).containsExactlyInAnyOrderElementsOf(first);
    node.heartbeats(61);
    Set<PeerId> later = new HashSet<>();
    for (int i = 3; i < 8; i++) {
      node.router.publish(message(i));
      later.addAll(node.forwarded());
      node.heartbeats(61);
    }
    assertThat(later).hasSizeGreaterThan(8);
  }

  @Test
  void joiningBeginsWithTheFanout() {
    RouterFixture node = new RouterFixture(NO_FLOOD).subscribers(0, 30, false);
    node.router.declare(TOPIC);
    node.router.publish(message(1));
    List<PeerId> fanout = node.forwarded();
    node.joined();
    assertThat(node.mesh()).containsExactlyInAnyOrderElementsOf(fanout);
  }

  @Test
  void aMessageIsPublishedOnce() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 2, false);
    node.router.publish(message(1));
    assertThat(node.router.publish(message(1)).outcome()).isEqualTo(Outcome.DUPLICATE);
    node.take(Action.Forward.class);
    node.deliver(0, message(1));
    assertThat(node.take(Action.Validate.class)).isEmpty();
  }

  /// T51: messages of this node that no peer would take.
  @Test
  void whatIsTooLargeOrOfAnUnknownTopicStaysHere() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 2, false);
    assertThat(node.router.publish(message(1, TOPIC.maxBytes() + 1)).outcome())
        .isEqualTo(Outcome.TOO_LARGE);
    assertThat(node.router.publish(GossipMessage.unsigned("other", new byte[1])).outcome())
        .isEqualTo(Outcome.UNKNOWN_TOPIC);
    assertThat(node.forwarded()).isEmpty();
  }

  /// T51, where the topic would allow more than an RPC does.
  @Test
  void aMessageMustFitAnRpc() {
    RouterFixture node = new RouterFixture().subscribers(0, 1, false);
    Topic wide = Topic.unsigned(BLOCKS, 2 << 20, TopicScore.DEFAULT);
    node.router.declare(wide);
    assertThat(node.router.publish(message(1, 1 << 20)).outcome()).isEqualTo(Outcome.TOO_LARGE);
    assertThat(node.router.publish(message(1, (1 << 20) - 100)).outcome()).isEqualTo(Outcome.SENT);
  }

  @Test
  void publishingASignedMessageToAnUnsignedTopicIsABug() {
    RouterFixture node = new RouterFixture().joined();
    PrivateKey key = PrivateKey.ed25519(new byte[32]);
    assertThatThrownBy(() -> node.router.publish(GossipMessage.signed(key, 1, BLOCKS, new byte[1])))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void withNobodyThereTheMessageIsAnnouncedToWhoeverComes() {
    RouterFixture node = new RouterFixture().joined();
    assertThat(node.router.publish(message(1)).outcome()).isEqualTo(Outcome.NO_PEERS);
    node.subscribers(0, 20, false);
    node.heartbeat();
    List<Integer> told =
        IntStream.range(0, 20)
            .filter(i -> node.sentTo(i).stream().anyMatch(rpc -> !rpc.ihave().isEmpty()))
            .boxed()
            .toList();
    // The mesh, which is new and was not sent it, and as many outside as gossip goes to.
    assertThat(told).hasSize(8 + 6).containsAll(meshOf(node));
  }

  private static List<Integer> meshOf(RouterFixture node) {
    return IntStream.range(0, 20).filter(node::inMesh).boxed().toList();
  }
}
