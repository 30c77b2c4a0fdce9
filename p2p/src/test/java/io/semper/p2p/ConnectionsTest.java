package io.semper.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.limits.Account;
import io.semper.p2p.limits.Limits;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Which of several connections with one peer is used.
class ConnectionsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Limits LIMITS = Limits.defaults();

  private final PrivateKey one = TestHosts.options(1).identity();
  private final PrivateKey two = TestHosts.options(2).identity();
  private final boolean ordered = one.peerId().compareTo(two.peerId()) < 0;
  private final PrivateKey smaller = ordered ? one : two;
  private final PrivateKey larger = ordered ? two : one;

  private static Connection with(PrivateKey peer, boolean outbound) {
    return new Connection(
        peer.publicKey(),
        Multiaddr.parse("/ip4/127.0.0.1/tcp/1"),
        outbound,
        "/noise",
        "/yamux/1.0.0",
        true,
        LIMITS,
        new Account(LIMITS.peerBytes()));
  }

  @Test
  void ofTwoThatCrossedBothKeepTheOneTheSmallerDialled() throws IOException {
    for (boolean own : new boolean[] {true, false}) {
      PrivateKey peer = own ? larger : smaller;
      Connections connections = new Connections((own ? smaller : larger).peerId(), LIMITS);
      for (boolean first : new boolean[] {true, false}) {
        Connection dialled = with(peer, own);
        Connection other = with(peer, !own);
        assertThat(connections.add(first ? dialled : other, 0)).isTrue();
        assertThat(connections.add(first ? other : dialled, SECOND)).isFalse();
        assertThat(connections.used(peer.peerId())).contains(dialled);
        assertThat(dialled.isReplaced()).isFalse();
        assertThat(other.isReplaced()).isTrue();
        connections.remove(dialled);
        connections.remove(other);
      }
    }
  }

  /// Its machine was reset: nobody has ended the connection that was, and nothing is heard on it.
  @Test
  void aPeerThatIsBackIsSpokenWithWhereItIsNow() throws IOException {
    Connections connections = new Connections(smaller.peerId(), LIMITS);
    Connection dead = with(larger, true);
    Connection now = with(larger, false);
    connections.add(dead, 0);
    connections.add(now, 60 * SECOND);
    assertThat(connections.used(larger.peerId())).contains(now);
    assertThat(dead.isReplaced()).isTrue();
    assertThat(connections.remove(dead)).isFalse();
    assertThat(connections.used(larger.peerId())).contains(now);
    assertThat(connections.remove(now)).isTrue();
  }

  @Test
  void whatWasReplacedBySomethingThatEndsIsUsedAgainAndNotClosed() throws IOException {
    Connections connections = new Connections(smaller.peerId(), LIMITS);
    Connection dialled = with(larger, true);
    Connection other = with(larger, false);
    connections.add(dialled, 0);
    connections.add(other, SECOND);
    assertThat(other.isReplaced()).isTrue();
    assertThat(connections.remove(dialled)).isFalse();
    assertThat(connections.used(larger.peerId())).contains(other);
    assertThat(other.isReplaced()).isFalse();
  }
}
