package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.fuzz.Fuzz;
import io.semper.p2p.gossip.Rpc.ExchangedPeer;
import io.semper.p2p.gossip.Rpc.IHave;
import io.semper.p2p.gossip.Rpc.Prune;
import io.semper.p2p.gossip.Rpc.Subscription;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.wire.ProtoWriter;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// RPCs of peers: what decodes encodes to something that decodes to the same, and whatever it says
/// a router goes on.
class GossipFuzzTest {
  private static final PrivateKey KEY = PrivateKey.ed25519(new byte[32]);

  private static final Rpc FULL =
      new Rpc(
          List.of(new Subscription(true, RouterFixture.BLOCKS), new Subscription(false, "b")),
          List.of(RouterFixture.message(1), RouterFixture.message(2)),
          List.of(
              new IHave(RouterFixture.BLOCKS, List.of(RouterFixture.id(1), RouterFixture.id(2)))),
          List.of(RouterFixture.id(3)),
          List.of(RouterFixture.BLOCKS, "b"),
          List.of(
              new Prune("b", List.of(new ExchangedPeer(new byte[] {7}, new byte[] {8})), 60),
              new Prune(RouterFixture.BLOCKS, List.of(), 1)),
          List.of(RouterFixture.id(4)));

  private static void thereAndBack(byte[] in) {
    byte[] again = Rpc.decode(in).encode();
    assertThat(Rpc.decode(again).encode()).isEqualTo(again);
  }

  private static void message(byte[] in) {
    GossipMessage message = GossipMessage.decode(in);
    assertThat(message.data()).hasSize(message.dataLength());
    if (message.violation(SignaturePolicy.STRICT_SIGN).isEmpty()) {
      assertThat(Topic.authorId(message).bytes()).hasSizeLessThanOrEqualTo(MessageId.MAX_BYTES);
      message.signed();
    }
  }

  private static void signature(byte[] in) {
    GossipMessage message = GossipMessage.decode(in);
    if (message.violation(SignaturePolicy.STRICT_SIGN).isEmpty()) {
      message.isSignatureGood();
    }
  }

  /// Routers that many inputs have gone through, each for a while.
  private static final class Routers {
    private static final int INPUTS_EACH = 1_000;

    private RouterFixture node;
    private int inputs;

    void receive(byte[] in) {
      if (inputs++ % INPUTS_EACH == 0) {
        node = new RouterFixture(GossipParameters.DEFAULT.withPeerExchange(true));
        node.joined().subscribers(0, 8, false);
      }
      node.router.received(RouterFixture.peer(inputs % 8), Rpc.decode(in));
      for (Action.Validate each : node.take(Action.Validate.class)) {
        Verdict[] verdicts = Verdict.values();
        node.router.validated(each.id(), verdicts[inputs % verdicts.length]);
      }
      node.actions.clear();
      if (inputs % 16 == 0) {
        node.heartbeat();
      }
    }
  }

  @TestFactory
  List<DynamicTest> everyDecoder() {
    byte[] later =
        new ProtoWriter(99)
            .message(3, new ProtoWriter(9).message(6, new ProtoWriter(9).bool(10, true)))
            .bytes(10, new byte[30])
            .toByteArray();
    GossipMessage signed = GossipMessage.signed(KEY, 1, RouterFixture.BLOCKS, new byte[] {1, 2});
    return List.of(
        Fuzz.of("rpc", GossipFuzzTest::thereAndBack, FULL.encode(), later),
        Fuzz.of(
            "gossip message",
            Fuzz.withSampled(GossipFuzzTest::signature, GossipFuzzTest::message),
            signed.encoded(),
            RouterFixture.message(1).encoded()),
        Fuzz.of("gossip router", new Routers()::receive, FULL.encode(), later));
  }
}
