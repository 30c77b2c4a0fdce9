package io.semper.p2p.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.StreamHandler;
import io.semper.p2p.TestHosts;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerRecord;
import io.semper.p2p.protocol.Delimited;
import io.semper.p2p.wire.Await;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Peers that know one other meet the rest through it.
@Timeout(120)
class PeerExchangeTest {
  private final AtomicLong clock = new AtomicLong(1_000_000_000_000L);
  private final List<AutoCloseable> open = new ArrayList<>();

  private record Node(Host host, Peers peers) {}

  private Node node(int seed, int target, Host... bootnodes) throws IOException {
    List<Multiaddr> known = new ArrayList<>();
    for (Host bootnode : bootnodes) {
      known.add(TestHosts.address(bootnode));
    }
    Peers peers =
        new Peers(PeersOptions.of(target, 20).withBootnodes(known), clock::get, new Random(seed));
    Host host = Host.start(TestHosts.options(seed).withGate(peers));
    peers.start(host);
    open.add(peers);
    open.add(host);
    return new Node(host, peers);
  }

  private Host liar(int seed, StreamHandler answer) throws IOException {
    Host host = TestHosts.start(seed);
    open.add(host);
    host.handle(PeerExchange.ID, 4, answer);
    return host;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
  }

  /// Time passes while something is awaited.
  private void until(String what, java.util.function.BooleanSupplier condition) {
    Await.until(
        what,
        () -> {
          clock.addAndGet(200);
          return condition.getAsBoolean();
        });
  }

  @Test
  void whoKnowsOneMeetsAll() throws Exception {
    Node first = node(1, 0);
    List<Node> others = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      others.add(node(10 + i, 8, first.host));
    }
    for (Node other : others) {
      until("everyone", () -> other.peers.count() == 4);
    }
    // They stay together without the one they met through.
    first.host.close();
    for (Node other : others) {
      until("the rest", () -> other.peers.count() == 3);
    }
  }

  /// T60: records of ever new peers (CVE-2023-40583).
  @Test
  void recordsAreKeptOfConnectedPeersOnly() throws Exception {
    Host host = TestHosts.start(1);
    open.add(host);
    PeerExchange exchange = PeerExchange.start(host, new Random(1));
    for (int i = 0; i < 20; i++) {
      try (Host other = TestHosts.start(10 + i)) {
        other.connect(TestHosts.address(host));
        Await.until("record", () -> exchange.recordCount() == 1);
      }
      Await.until("forgotten", () -> exchange.recordCount() == 0);
    }
  }

  /// T61: however many addresses are named, and whatever they are.
  @Test
  void onlyPlausibleAddressesOfSomePeersAreTaken() throws Exception {
    List<Multiaddr> many = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      many.add(Multiaddr.parse("/ip4/127.0.0.1/tcp/" + (i + 1)));
    }
    many.add(Multiaddr.parse("/ip4/0.0.0.0/tcp/1"));
    byte[] sealed =
        new PeerRecord(TestHosts.options(77).identity().peerId(), 1, many)
            .seal(TestHosts.options(77).identity());
    Host liar = liar(2, stream -> stream.write(Delimited.encode(sealed)));
    Host asker = TestHosts.start(1);
    open.add(asker);
    Connection connection = asker.connect(TestHosts.address(liar));
    assertThat(PeerExchange.ask(connection)).hasSize(1);

    liar.handle(
        PeerExchange.ID,
        4,
        stream -> {
          for (int i = 0; i < 10_000; i++) {
            stream.write(Delimited.encode(sealed));
          }
        });
    assertThatThrownBy(() -> PeerExchange.ask(connection))
        .isInstanceOf(MalformedInputException.class);
    liar.handle(PeerExchange.ID, 4, stream -> stream.write(Delimited.encode(new byte[100_000])));
    assertThatThrownBy(() -> PeerExchange.ask(connection))
        .isInstanceOf(MalformedInputException.class);
  }

  /// Who answers with records that nobody signed loses the peers it talks to.
  @Test
  void falseRecordsArePunished() throws Exception {
    byte[] sealed =
        new PeerRecord(
                TestHosts.options(77).identity().peerId(),
                1,
                List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/1")))
            .seal(TestHosts.options(77).identity());
    sealed[sealed.length - 1] ^= 1;
    Host liar = liar(2, stream -> stream.write(Delimited.encode(sealed)));
    Node node = node(1, 5, liar);
    until("ban", () -> node.peers.isBanned(liar.id()));
    until("gone", () -> node.peers.count() == 0);
  }

  @Test
  void questionsWithoutEndAreNotAnswered() throws Exception {
    Node node = node(1, 0);
    Host asker = TestHosts.start(2);
    open.add(asker);
    Connection connection = asker.connect(TestHosts.address(node.host));
    int answered = 0;
    long began = System.nanoTime();
    for (int i = 0; i < 50; i++) {
      try {
        PeerExchange.ask(connection);
        answered++;
      } catch (IOException refused) {
        // As it should.
      }
    }
    long seconds = (System.nanoTime() - began) / 1_000_000_000;
    assertThat((long) answered).isBetween(1L, PeerExchange.QUESTIONS_AT_ONCE + seconds + 1);
  }
}
