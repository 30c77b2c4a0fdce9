package io.semper.p2p.gossip;

import static io.semper.p2p.gossip.RouterFixture.BLOCKS;
import static io.semper.p2p.gossip.RouterFixture.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.gossip.Rpc.ExchangedPeer;
import io.semper.p2p.gossip.Rpc.Prune;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerRecord;
import io.semper.p2p.identity.PrivateKey;
import java.util.List;
import org.junit.jupiter.api.Test;

/// PRUNE with other peers to try.
class PeerExchangeTest {
  private static final PrivateKey KEY = PrivateKey.ed25519(new byte[32]);
  private static final byte[] RECORD =
      new PeerRecord(KEY.peerId(), 1, List.of(Multiaddr.parse("/ip4/10.0.0.1/tcp/9000"))).seal(KEY);

  private static RouterFixture node() {
    RouterFixture node =
        new RouterFixture(GossipParameters.DEFAULT.withPeerExchange(true))
            .joined()
            .subscribers(0, 2, false);
    node.heartbeat();
    node.router.setApplicationScore(peer(0), 100);
    node.actions.clear();
    return node;
  }

  private static void pruneWith(RouterFixture node, int from, ExchangedPeer... peers) {
    node.receive(from, Rpc.mesh(List.of(), List.of(new Prune(BLOCKS, List.of(peers), 60))));
  }

  private static ExchangedPeer recommended(byte[] record) {
    return new ExchangedPeer(KEY.peerId().toBytes(), record);
  }

  @Test
  void aPeerWithItsSignedRecordIsDialled() {
    RouterFixture node = node();
    pruneWith(node, 0, recommended(RECORD));
    assertThat(node.take(Action.Connect.class))
        .singleElement()
        .satisfies(connect -> {
          assertThat(connect.peer()).isEqualTo(KEY.peerId());
          assertThat(connect.signedRecord()).isEqualTo(RECORD);
        });
  }

  @Test
  void thoseOfLowScoreRecommendInVain() {
    RouterFixture node = node();
    pruneWith(node, 1, recommended(RECORD));
    assertThat(node.take(Action.Connect.class)).isEmpty();
  }

  /// T53: recommendations that nobody signed.
  @Test
  void aRecordUnsignedOrOfAnotherPeerIsNotDialled() {
    RouterFixture node = node();
    byte[] forged = RECORD.clone();
    forged[forged.length - 1] ^= 1;
    pruneWith(
        node,
        0,
        recommended(new byte[0]),
        recommended(forged),
        new ExchangedPeer(peer(9).toBytes(), RECORD),
        new ExchangedPeer(new byte[] {1}, RECORD),
        recommended(new byte[] {1, 2, 3}));
    assertThat(node.take(Action.Connect.class)).isEmpty();
    assertThat(node.score(0)).isGreaterThan(0);
    for (int i = 0; i < 4; i++) {
      pruneWith(node, 0, recommended(forged));
    }
    assertThat(node.score(0)).isLessThan(100);
  }

  @Test
  void onlyAFewAreDialledOnOnePeersWord() {
    RouterFixture node = node();
    for (int i = 0; i < 40; i++) {
      pruneWith(node, 0, recommended(RECORD));
    }
    assertThat(node.take(Action.Connect.class)).hasSize(Router.EXCHANGED_PEERS);
  }

  @Test
  void aPrunedPeerIsToldOfOthersWhoseRecordIsKnown() {
    RouterFixture node =
        new RouterFixture(GossipParameters.DEFAULT.withPeerExchange(true))
            .joined()
            .subscribers(0, 30, false);
    for (int i = 0; i < 5; i++) {
      node.records.put(peer(i), RECORD);
    }
    for (int i = 0; i < 13; i++) {
      node.graft(i);
    }
    List<ExchangedPeer> told = node.prunesTo(12).getFirst().peers();
    assertThat(told.size()).isBetween(1, 5);
    assertThat(told).allMatch(each -> each.signedRecord().length > 0);
  }

  @Test
  void itIsOffUnlessAskedFor() {
    RouterFixture node = new RouterFixture().joined().subscribers(0, 30, false);
    node.records.put(peer(1), RECORD);
    for (int i = 0; i < 13; i++) {
      node.graft(i);
    }
    assertThat(node.prunesTo(12).getFirst().peers()).isEmpty();
  }
}
