package io.semper.p2p.gossip;

import static io.semper.p2p.gossip.RouterFixture.BLOCKS;
import static io.semper.p2p.gossip.RouterFixture.TOPIC;
import static io.semper.p2p.gossip.RouterFixture.message;
import static io.semper.p2p.gossip.RouterFixture.peer;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What becomes of a message before and after its verdict.
class ValidationTest {
  private static RouterFixture node() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 4, false);
    node.heartbeat();
    node.actions.clear();
    return node;
  }

  @Test
  void anAcceptedMessageIsDeliveredAndForwardedToTheMesh() {
    RouterFixture node = node();
    MessageId id = node.deliver(0, message(1));
    assertThat(node.take(Action.Validate.class)).hasSize(1);
    assertThat(node.actions).isEmpty();
    node.router.validated(id, Verdict.ACCEPT);
    assertThat(node.take(Action.Deliver.class))
        .singleElement()
        .satisfies(
            delivered -> assertThat(delivered.message().data()).isEqualTo(message(1).data()));
    assertThat(node.forwarded()).containsExactlyInAnyOrder(peer(1), peer(2), peer(3));
  }

  @Test
  void whoeverSentACopyMeanwhileIsSentNone() {
    RouterFixture node = node();
    MessageId id = node.deliver(0, message(1));
    node.deliver(2, message(1));
    assertThat(node.take(Action.Validate.class)).hasSize(1);
    node.router.validated(id, Verdict.ACCEPT);
    assertThat(node.forwarded()).containsExactlyInAnyOrder(peer(1), peer(3));
  }

  @Test
  void anIgnoredMessageGoesNowhereAndCostsNobody() {
    RouterFixture node = node();
    double before = node.score(0);
    node.deliver(0, message(1), Verdict.IGNORE);
    assertThat(node.take(Action.Deliver.class)).isEmpty();
    assertThat(node.forwarded()).isEmpty();
    assertThat(node.score(0)).isEqualTo(before);
    node.take(Action.Validate.class);
    node.deliver(1, message(1));
    assertThat(node.take(Action.Validate.class)).isEmpty();
  }

  @Test
  void aRejectedMessageCostsEveryoneWhoSentIt() {
    RouterFixture node = node();
    MessageId id = node.deliver(0, message(1));
    node.deliver(1, message(1));
    node.router.validated(id, Verdict.REJECT);
    node.deliver(2, message(1));
    assertThat(node.score(0)).isLessThan(-90);
    assertThat(node.score(1)).isLessThan(-90);
    assertThat(node.score(2)).isLessThan(-90);
    assertThat(node.score(3)).isGreaterThanOrEqualTo(0);
    assertThat(node.forwarded()).isEmpty();
  }

  @Test
  void aMessageLongerThanItsTopicAllowsIsInvalid() {
    RouterFixture node = node();
    node.deliver(0, message(1, TOPIC.maxBytes() + 1));
    assertThat(node.take(Action.Validate.class)).isEmpty();
    assertThat(node.score(0)).isLessThan(-90);
  }

  @Test
  void aMessageOfATopicNotJoinedIsIgnored() {
    RouterFixture node = node();
    double before = node.score(0);
    node.receive(0, Rpc.message(GossipMessage.unsigned("other", new byte[10])));
    assertThat(node.actions).isEmpty();
    assertThat(node.score(0)).isEqualTo(before);
  }

  @Test
  void aVerdictAfterTheSenderLeftChangesNoScoreOfIts() {
    RouterFixture node = node();
    MessageId id = node.deliver(0, message(1));
    node.deliver(0, message(2), Verdict.ACCEPT);
    node.router.left(peer(0));
    node.router.validated(id, Verdict.REJECT);
    assertThat(node.score(0)).isZero();
    assertThat(node.router.statistics().retainedScores()).isZero();
  }

  @Test
  void aVerdictAfterLeavingTheTopicDeliversNothing() {
    RouterFixture node = node();
    MessageId id = node.deliver(0, message(1));
    node.router.leave(BLOCKS);
    node.router.validated(id, Verdict.ACCEPT);
    assertThat(node.take(Action.Deliver.class)).isEmpty();
    assertThat(node.forwarded()).isEmpty();
  }

  @Test
  void aVerdictThatNeverComesIsIgnore() {
    RouterFixture node = node();
    MessageId id = node.deliver(0, message(1));
    node.heartbeats(29);
    assertThat(node.router.statistics().pending()).isEqualTo(1);
    node.heartbeat();
    assertThat(node.router.statistics().pending()).isZero();
    node.router.validated(id, Verdict.ACCEPT);
    assertThat(node.take(Action.Deliver.class)).isEmpty();
  }

  /// T50: go-libp2p-pubsub issue 172: validators that do not keep up must not stop the protocol.
  @Test
  void aFloodOfMessagesToValidateOverflowsWithoutBlameAndWithoutBeingSeen() {
    GossipLimits limits = RouterFixture.limits(100, 1 << 20, 60);
    RouterFixture node = new RouterFixture(GossipParameters.DEFAULT, limits, Set.of());
    node.joined().subscribers(0, 4, false);
    node.heartbeat();
    double before = node.score(0);
    for (int i = 0; i < 5_000; i++) {
      node.deliver(i % 2, message(i));
    }
    assertThat(node.take(Action.Validate.class)).hasSize(100);
    assertThat(node.router.statistics().dropped()).isEqualTo(4_900);
    assertThat(node.score(0)).isEqualTo(before);
    node.actions.clear();
    node.router.publish(message(9_999));
    node.heartbeat();
    assertThat(node.forwarded()).hasSize(4);
    node.router.validated(message(0).id(TOPIC), Verdict.ACCEPT);
    node.deliver(2, message(4_000), Verdict.ACCEPT);
    assertThat(node.take(Action.Deliver.class)).hasSize(2);
  }

  @Test
  void onePeerCannotTakeAllThePlacesForValidation() {
    GossipLimits limits = RouterFixture.limits(100, 1 << 20, 60);
    RouterFixture node = new RouterFixture(GossipParameters.DEFAULT, limits, Set.of());
    node.joined().subscribers(0, 2, false);
    for (int i = 0; i < 100; i++) {
      node.deliver(0, message(i));
    }
    node.deliver(1, message(1_000));
    assertThat(node.take(Action.Validate.class)).hasSize(61);
  }

  @Test
  void theBytesWaitingForValidationAreBounded() {
    GossipLimits limits = RouterFixture.limits(100, 250_000, 60);
    RouterFixture node = new RouterFixture(GossipParameters.DEFAULT, limits, Set.of());
    node.joined().subscribers(0, 2, false);
    for (int i = 0; i < 10; i++) {
      node.deliver(0, message(i, 80_000));
    }
    assertThat(node.take(Action.Validate.class)).hasSize(3);
    assertThat(node.router.statistics().pendingBytes()).isBetween(240_000L, 250_000L);
    for (int i = 0; i < 3; i++) {
      node.router.validated(message(i, 80_000).id(TOPIC), Verdict.ACCEPT);
    }
    assertThat(node.router.statistics().pendingBytes()).isZero();
  }

  /// T49: a message sent again later.
  @Test
  void aMessageIsForgottenAsSeenAfterItsTime() {
    RouterFixture node = node();
    node.deliver(0, message(1), Verdict.ACCEPT);
    node.now += GossipParameters.DEFAULT.seenMillis();
    node.take(Action.Validate.class);
    node.deliver(0, message(1));
    // Only the application can tell a replay from now on.
    assertThat(node.take(Action.Validate.class)).hasSize(1);
  }

  /// T50: a flood has a message forgotten as seen that still waits for its verdict.
  @Test
  void aMessageThatComesAgainBeforeItsVerdictTakesOnePlace() {
    GossipLimits few = RouterFixture.limits(GossipLimits.DEFAULT.maxPeers(), 1);
    RouterFixture node = new RouterFixture(GossipParameters.DEFAULT, few, Set.of());
    node.joined().subscribers(0, 2, false);
    MessageId first = node.deliver(0, message(1));
    MessageId second = node.deliver(0, message(2));
    node.deliver(1, message(1));
    node.router.validated(first, Verdict.ACCEPT);
    node.router.validated(second, Verdict.ACCEPT);
    assertThat(node.router.statistics().pending()).isZero();
    assertThat(node.router.statistics().pendingBytes()).isZero();
  }

  @Test
  void whatIsRememberedAsSeenIsBounded() {
    SeenCache seen = new SeenCache(1_000, 120_000);
    for (int i = 0; i < 10_000; i++) {
      seen.add(RouterFixture.id(i), i);
    }
    assertThat(seen.size()).isEqualTo(1_000);
    assertThat(seen.get(RouterFixture.id(8_999), 10_000)).isNull();
    assertThat(seen.get(RouterFixture.id(9_000), 10_000)).isNotNull();
  }

  @Test
  void theLastHeartbeatsMessagesAreKeptWithinABoundOfBytes() {
    MessageCache cache = new MessageCache(5, 3, 100_000);
    for (int i = 0; i < 100; i++) {
      cache.put(RouterFixture.id(i), message(i, 10_000));
    }
    assertThat(cache.bytes()).isLessThanOrEqualTo(100_000).isGreaterThan(80_000);
    assertThat(cache.take(RouterFixture.id(0), peer(0), 3)).isNull();
    assertThat(cache.take(RouterFixture.id(99), peer(0), 3)).isNotNull();
    List<MessageId> announced = cache.announceable(BLOCKS);
    assertThat(announced).hasSize(9);
    for (int i = 0; i < 3; i++) {
      cache.shift();
    }
    assertThat(cache.announceable(BLOCKS)).isEmpty();
    assertThat(cache.take(RouterFixture.id(99), peer(0), 3)).isNotNull();
    cache.shift();
    cache.shift();
    assertThat(cache.take(RouterFixture.id(99), peer(0), 3)).isNull();
    assertThat(cache.bytes()).isZero();
  }
}
