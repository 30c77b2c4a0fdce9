package io.semper.p2p.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.gossip.Rpc.ExchangedPeer;
import io.semper.p2p.gossip.Rpc.IHave;
import io.semper.p2p.gossip.Rpc.Prune;
import io.semper.p2p.gossip.Rpc.Subscription;
import io.semper.p2p.wire.ProtoWriter;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// The RPC on the wire, and what is refused before it takes memory.
class RpcTest {
  private static final Rpc FULL =
      new Rpc(
          List.of(new Subscription(true, "a"), new Subscription(false, "b")),
          List.of(GossipMessage.unsigned("a", new byte[] {1, 2, 3})),
          List.of(new IHave("a", List.of(RouterFixture.id(1), RouterFixture.id(2)))),
          List.of(RouterFixture.id(3)),
          List.of("a", "b"),
          List.of(new Prune("b", List.of(new ExchangedPeer(new byte[] {7}, new byte[] {8})), 60)),
          List.of(RouterFixture.id(4)));

  @Test
  void everythingSurvivesTheWire() {
    byte[] encoded = FULL.encode();
    Rpc read = Rpc.decode(encoded);
    assertThat(read.encode()).isEqualTo(encoded);
    assertThat(read.subscriptions()).isEqualTo(FULL.subscriptions());
    assertThat(read.messages().getFirst().data()).containsExactly(1, 2, 3);
    assertThat(read.ihave()).isEqualTo(FULL.ihave());
    assertThat(read.iwant()).isEqualTo(FULL.iwant());
    assertThat(read.graft()).isEqualTo(FULL.graft());
    assertThat(read.prune().getFirst().backoffSeconds()).isEqualTo(60);
    assertThat(read.prune().getFirst().peers().getFirst().signedRecord()).containsExactly(8);
    assertThat(read.idontwant()).isEqualTo(FULL.idontwant());
  }

  /// Written out from the protobuf schema, byte for byte.
  @Test
  void theBytesAreThoseOfTheSpecification() {
    assertThat(hex(Rpc.subscriptions(List.of(new Subscription(true, "t")))))
        .isEqualTo("0a05" + "0801" + "120174");
    assertThat(hex(Rpc.message(GossipMessage.unsigned("t", new byte[] {5}))))
        .isEqualTo("1206" + "120105" + "220174");
    assertThat(hex(Rpc.mesh(List.of("t"), List.of(new Prune("u", List.of(), 60)))))
        .isEqualTo("1a0c" + "1a030a0174" + "2205" + "0a0175" + "183c");
    assertThat(hex(Rpc.ihave(List.of(new IHave("t", List.of(new MessageId(new byte[] {9})))))))
        .isEqualTo("1a08" + "0a06" + "0a0174" + "120109");
    assertThat(hex(Rpc.iwant(List.of(new MessageId(new byte[] {9})))))
        .isEqualTo("1a05" + "1203" + "0a0109");
    assertThat(hex(Rpc.idontwant(new MessageId(new byte[] {9}))))
        .isEqualTo("1a05" + "2a03" + "0a0109");
  }

  private static String hex(Rpc rpc) {
    return HexFormat.of().formatHex(rpc.encode());
  }

  /// T31: fields that are not known here.
  @Test
  void fieldsOfLaterVersionsAreSkipped() {
    byte[] encoded =
        new ProtoWriter()
            .message(3, new ProtoWriter().message(6, new ProtoWriter().bool(10, true)))
            .bytes(10, new byte[300])
            .varint(0x200001, 5)
            .message(1, new ProtoWriter().bool(1, true).string(2, "t").bool(3, true))
            .toByteArray();
    assertThat(Rpc.decode(encoded).subscriptions()).containsExactly(new Subscription(true, "t"));
  }

  /// T31: thousands of entries with nothing in them.
  @Test
  void entriesAreCountedBeforeTheyAreRead() {
    assertMalformed(repeated(1, GossipLimits.MAX_SUBSCRIPTIONS + 1, Function.identity()));
    assertMalformed(repeated(2, GossipLimits.MAX_MESSAGES + 1, Function.identity()));
    for (int kind = 1; kind <= 5; kind++) {
      assertMalformed(
          repeated(
              kind,
              GossipLimits.MAX_CONTROL_ENTRIES + 1,
              control -> new ProtoWriter().message(3, control)));
    }
    // Spread over several control messages they are still counted together.
    ProtoWriter out = new ProtoWriter();
    for (int i = 0; i < 2 * GossipLimits.MAX_CONTROL_ENTRIES; i++) {
      out.message(3, new ProtoWriter().message(3, new ProtoWriter()));
    }
    assertMalformed(out.toByteArray());
  }

  private static byte[] repeated(int field, int times, Function<ProtoWriter, ProtoWriter> in) {
    ProtoWriter out = new ProtoWriter();
    for (int i = 0; i < times; i++) {
      out.message(field, new ProtoWriter());
    }
    return in.apply(out).toByteArray();
  }

  @Test
  void identifiersBeyondTheLimitAreSkipped() {
    ProtoWriter entry = new ProtoWriter().string(1, "t");
    ProtoWriter ids = new ProtoWriter();
    for (int i = 0; i < 3 * GossipLimits.MAX_IDS; i++) {
      entry.bytes(2, new byte[] {1});
      ids.bytes(1, new byte[] {1});
    }
    ProtoWriter control =
        new ProtoWriter().message(1, entry).message(1, entry).message(2, ids).message(5, ids);
    Rpc rpc = Rpc.decode(new ProtoWriter().message(3, control).toByteArray());
    assertThat(rpc.ihave().stream().mapToInt(each -> each.ids().size()).sum())
        .isEqualTo(GossipLimits.MAX_IDS);
    assertThat(rpc.iwant()).hasSize(GossipLimits.MAX_IDS);
    assertThat(rpc.idontwant()).hasSize(GossipLimits.MAX_IDS);
  }

  @Test
  void recommendedPeersBeyondTheLimitAreSkipped() {
    ProtoWriter prune = new ProtoWriter().string(1, "t");
    for (int i = 0; i < 1_000; i++) {
      prune.message(2, new ProtoWriter().bytes(1, new byte[] {1}));
    }
    byte[] encoded =
        new ProtoWriter().message(3, new ProtoWriter().message(4, prune)).toByteArray();
    assertThat(Rpc.decode(encoded).prune().getFirst().peers())
        .hasSize(GossipLimits.MAX_EXCHANGED_PEERS);
  }

  /// T30: lengths of which nothing follows.
  @Test
  void lengthsAreCheckedAgainstWhatIsThere() {
    assertMalformed(HexFormat.of().parseHex("12ffffffff0f"));
    assertMalformed(HexFormat.of().parseHex("12ffffffffffffffff7f"));
    assertMalformed(HexFormat.of().parseHex("0affffffffffffffffff01"));
    assertMalformed(HexFormat.of().parseHex("1a0512ff01"));
  }

  @Test
  void longNamesAndIdentifiersAreMalformed() {
    byte[] topic = new byte[Topic.MAX_NAME_BYTES + 1];
    byte[] id = new byte[MessageId.MAX_BYTES + 1];
    assertMalformed(new ProtoWriter().message(1, new ProtoWriter().bytes(2, topic)).toByteArray());
    assertMalformed(new ProtoWriter().message(2, new ProtoWriter().bytes(4, topic)).toByteArray());
    assertMalformed(
        new ProtoWriter()
            .message(3, new ProtoWriter().message(2, new ProtoWriter().bytes(1, id)))
            .toByteArray());
  }

  private static void assertMalformed(byte[] encoded) {
    assertThatThrownBy(() -> Rpc.decode(encoded)).isInstanceOf(MalformedInputException.class);
  }
}
