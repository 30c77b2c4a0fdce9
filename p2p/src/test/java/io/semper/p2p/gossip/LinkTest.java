package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.Stream;
import io.semper.p2p.TestHosts;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.wire.Await;
import io.semper.p2p.wire.ProtoWriter;
import java.io.IOException;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What begins as something else ends.
class LinkTest {
  private static Gossip gossip(Host host) {
    return Gossip.start(
        host,
        TestHosts.options(1).identity(),
        GossipParameters.DEFAULT,
        GossipLimits.DEFAULT,
        Set.of(),
        new Random(1));
  }

  /// It would be read by nobody, and nobody would reset it.
  @Test
  void aLinkThatHasEndedTakesNoStream() {
    Link link = new Link(null, 1);
    link.close();
    assertThatThrownBy(() -> link.replaceInbound(null)).isInstanceOf(IOException.class);
  }

  /// Its subscriber has failed, or is gone: nobody would take it.
  @Test
  void aMailboxThatIsClosedKeepsNothing() {
    Mailbox mailbox = new Mailbox("x", (from, message) -> {});
    mailbox.close();
    mailbox.put(null, GossipMessage.unsigned("x", new byte[1]));
    assertThat(mailbox.dropped()).isEqualTo(1);
  }

  @Test
  void messagesWithoutEndEndTheConnection() throws Exception {
    ProtoWriter rpc = new ProtoWriter(99);
    for (int i = 0; i < 1_000; i++) {
      rpc.message(2, new ProtoWriter(9).string(4, "x"));
    }
    byte[] thousand = Delimited.encode(rpc.toByteArray());
    try (Host host = TestHosts.start(1);
        Host peer = TestHosts.start(2);
        Gossip gossip = gossip(host)) {
      for (String id : GossipVersion.protocolIds()) {
        peer.handle(id, 4, stream -> stream.read(new byte[1], 0, 1));
      }
      Connection connection = peer.connect(TestHosts.address(host));
      Stream stream = connection.open(GossipVersion.V1_2.protocolId());
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  stream.write(thousand);
                }
              })
          .isInstanceOf(IOException.class);
      Await.until("end", () -> connection.closedBecause().isPresent());
      assertThat(gossip.statistics().rejected()).isZero();
    }
  }

  @Test
  void aTopicThatIsNotJoinedCanBeAfterwards() throws Exception {
    try (Host host = TestHosts.start(1);
        Gossip gossip = gossip(host)) {
      Topic declared = Topic.unsigned("one", 10, TopicScore.DEFAULT);
      Topic other = Topic.unsigned("one", 20, TopicScore.DEFAULT);
      gossip.declare(declared);
      Validator any = (from, message) -> Verdict.ACCEPT;
      assertThatThrownBy(() -> gossip.subscribe(other, any, (from, message) -> {}))
          .hasMessageContaining("declared otherwise");
      gossip.subscribe(declared, any, (from, message) -> {});
    }
  }
}
