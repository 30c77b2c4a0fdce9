package io.semper.p2p.gossip;

import static io.semper.p2p.gossip.RouterFixture.BLOCKS;
import static io.semper.p2p.gossip.RouterFixture.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.wire.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// StrictSign and StrictNoSign.
class SignaturePolicyTest {
  private static final Topic SIGNED = Topic.signed(BLOCKS, 1_000, TopicScore.DEFAULT);
  private static final PrivateKey ED25519 = PrivateKey.ed25519(filled(1));
  private static final PrivateKey SECP256K1 = PrivateKey.secp256k1(filled(2));

  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static RouterFixture signedNode() {
    RouterFixture node = new RouterFixture();
    node.router.join(SIGNED);
    node.subscribers(0, 4, false);
    node.heartbeat();
    node.actions.clear();
    return node;
  }

  private static GossipMessage signed(long seqno, String text) {
    return GossipMessage.signed(ED25519, seqno, BLOCKS, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Does what is asked for with signatures, as the shell would.
  private static void check(RouterFixture node) {
    node.take(Action.Verify.class)
        .forEach(
            each -> node.router.signatureChecked(each.message(), each.message().isSignatureGood()));
  }

  @Test
  void signaturesOfEveryInlinedKeyAreGood() {
    for (PrivateKey key : List.of(ED25519, SECP256K1)) {
      GossipMessage message = GossipMessage.signed(key, 1, BLOCKS, new byte[] {1, 2, 3});
      assertThat(message.isSignatureGood()).isTrue();
      assertThat(message.violation(SignaturePolicy.STRICT_SIGN)).isEmpty();
      assertThat(message.violation(SignaturePolicy.STRICT_NO_SIGN)).isPresent();
    }
  }

  @Test
  void aSignedMessageIsCheckedThenValidatedThenForwarded() {
    RouterFixture node = signedNode();
    node.receive(0, Rpc.message(signed(1, "hello")));
    assertThat(node.take(Action.Validate.class)).isEmpty();
    check(node);
    List<Action.Validate> asked = node.take(Action.Validate.class);
    assertThat(asked).hasSize(1);
    node.router.validated(asked.getFirst().id(), Verdict.ACCEPT);
    assertThat(node.forwarded()).hasSize(3);
  }

  @Test
  void aWrongSignatureCostsItsSender() {
    RouterFixture node = signedNode();
    byte[] forged = signed(1, "hello").encoded().clone();
    forged[45] ^= 1;
    node.receive(0, Rpc.message(GossipMessage.decode(forged)));
    check(node);
    assertThat(node.take(Action.Validate.class)).isEmpty();
    assertThat(node.score(0)).isLessThan(-90);
  }

  /// The identifier is author and sequence number, which anyone can write: a forged copy sent first
  /// must not make the true one a duplicate.
  @Test
  void aForgedCopyDoesNotSuppressTheTrueMessage() {
    RouterFixture node = signedNode();
    GossipMessage message = signed(7, "truth");
    byte[] forged = message.encoded().clone();
    forged[45] ^= 1;
    node.receive(0, Rpc.message(GossipMessage.decode(forged)));
    node.receive(1, Rpc.message(message));
    check(node);
    List<Action.Validate> asked = node.take(Action.Validate.class);
    assertThat(asked).hasSize(1);
    assertThat(asked.getFirst().message().data()).isEqualTo(message.data());
  }

  @Test
  void twoCopiesBeingCheckedAreOneMessage() {
    RouterFixture node = signedNode();
    node.receive(0, Rpc.message(signed(7, "truth")));
    node.receive(1, Rpc.message(signed(7, "truth")));
    check(node);
    List<Action.Validate> asked = node.take(Action.Validate.class);
    assertThat(asked).hasSize(1);
    node.router.validated(asked.getFirst().id(), Verdict.ACCEPT);
    assertThat(node.forwarded()).hasSize(2);
    assertThat(node.router.statistics().pending()).isZero();
    assertThat(node.router.statistics().pendingBytes()).isZero();
  }

  @Test
  void theKeyMustBeTheAuthors() {
    GossipMessage genuine = signed(1, "hello");
    byte[] content = new byte[genuine.encoded().length];
    // The same message signed by another key, given along.
    GossipMessage other = GossipMessage.signed(SECP256K1, 1, BLOCKS, genuine.data());
    ProtoWriter out =
        new ProtoWriter()
            .bytes(1, genuine.from())
            .bytes(2, genuine.data())
            .bytes(3, genuine.seqno())
            .string(4, BLOCKS)
            .bytes(5, content)
            .bytes(6, SECP256K1.publicKey().encode());
    assertThat(GossipMessage.decode(out.toByteArray()).isSignatureGood()).isFalse();
    assertThat(other.isSignatureGood()).isTrue();
  }

  /// Signatures cover fields this version does not know.
  @Test
  void unknownFieldsAreSignedAndForwarded() {
    byte[] prefix = "libp2p-pubsub:".getBytes(StandardCharsets.UTF_8);
    byte[] content =
        new ProtoWriter()
            .bytes(1, ED25519.peerId().toBytes())
            .bytes(2, new byte[] {1})
            .bytes(3, new byte[8])
            .string(4, BLOCKS)
            .bytes(99, new byte[] {42})
            .toByteArray();
    byte[] toSign =
        new ProtoWriter()
            .append(prefix, 0, prefix.length)
            .append(content, 0, content.length)
            .toByteArray();
    byte[] encoded =
        new ProtoWriter()
            .append(content, 0, content.length)
            .bytes(5, ED25519.sign(toSign))
            .toByteArray();
    GossipMessage message =
        Rpc.decode(Rpc.message(GossipMessage.decode(encoded)).encode()).messages().getFirst();
    assertThat(message.isSignatureGood()).isTrue();
    assertThat(message.encoded()).isEqualTo(encoded);
  }

  @Test
  void signedTopicsRequireEveryField() {
    RouterFixture node = signedNode();
    int invalid = 0;
    for (int left : new int[] {1, 3, 5}) {
      node.receive(0, Rpc.message(without(signed(1, "hello"), left)));
      invalid++;
      assertThat(node.router.statistics().rejected()).isEqualTo(invalid);
    }
    node.receive(
        0,
        Rpc.message(
            GossipMessage.decode(
                new ProtoWriter()
                    .bytes(1, ED25519.peerId().toBytes())
                    .bytes(3, new byte[7])
                    .string(4, BLOCKS)
                    .bytes(5, new byte[64])
                    .toByteArray())));
    assertThat(node.router.statistics().rejected()).isEqualTo(4);
    assertThat(node.take(Action.Verify.class)).isEmpty();
  }

  private static GossipMessage without(GossipMessage message, int field) {
    io.semper.p2p.wire.ProtoReader in = new io.semper.p2p.wire.ProtoReader(message.encoded());
    ProtoWriter out = new ProtoWriter();
    while (in.next()) {
      in.skip();
      if (in.field() != field) {
        out.append(message.encoded(), in.fieldStart(), in.position() - in.fieldStart());
      }
    }
    return GossipMessage.decode(out.toByteArray());
  }

  /// T46: jvm-libp2p issue 522, js-libp2p issue 3633: presence counts, not content.
  @Test
  void unsignedTopicsForbidEveryFieldEvenEmpty() {
    for (int field : new int[] {1, 3, 5, 6}) {
      for (int bytes : new int[] {0, 8}) {
        RouterFixture node = new RouterFixture().joined().subscribers(0, 2, false);
        byte[] encoded =
            new ProtoWriter()
                .bytes(2, new byte[] {1})
                .string(4, BLOCKS)
                .bytes(field, new byte[bytes])
                .toByteArray();
        node.receive(0, Rpc.message(GossipMessage.decode(encoded)));
        assertThat(node.take(Action.Validate.class)).isEmpty();
        assertThat(node.score(0)).isLessThan(-90);
      }
    }
  }

  @Test
  void aMessageOfThisNodeThatComesBackIsIgnored() {
    List<Action> actions = new ArrayList<>();
    Router router =
        new Router(
            ED25519.peerId(),
            GossipParameters.DEFAULT,
            GossipLimits.DEFAULT,
            java.util.Set.of(),
            peer -> null,
            () -> 0,
            new java.util.Random(1),
            actions::add);
    router.join(SIGNED);
    router.joined(RouterFixture.peer(1), GossipVersion.V1_2, false, null);
    router.received(RouterFixture.peer(1), Rpc.message(signed(1, "mine")));
    assertThat(actions).noneMatch(Action.Verify.class::isInstance);
  }

  @Test
  void theIdentifierOfAnUnsignedMessageIsOfTopicAndData() {
    assertThat(message(1).id(RouterFixture.TOPIC)).isEqualTo(message(1).id(RouterFixture.TOPIC));
    assertThat(message(1).id(RouterFixture.TOPIC).bytes()).hasSize(20);
    assertThat(message(2).id(RouterFixture.TOPIC)).isNotEqualTo(message(1).id(RouterFixture.TOPIC));
  }

  @Test
  void theIdentifierOfASignedMessageIsAuthorAndSequenceNumber() {
    byte[] id = signed(258, "x").id(SIGNED).bytes();
    assertThat(id).hasSize(46).endsWith(1, 2).startsWith(ED25519.peerId().toBytes());
  }
}
