package io.semper.chain.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.p2p.Connection;
import io.semper.p2p.Host;
import io.semper.p2p.HostOptions;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PrivateKey;
import io.semper.p2p.peers.Peers;
import io.semper.p2p.peers.PeersOptions;
import io.semper.p2p.reqresp.RequestLimits;
import io.semper.p2p.reqresp.Requests;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A peer over a real connection, whose answers are held back.
class NetworkPeerTest {
  private static final Protocols PROTOCOLS = Protocols.of(Hash32.ZERO, SyncLimits.DEFAULT);

  private static final int ANSWER_BYTES = SyncLimits.DEFAULT.responseBytes();

  /// No request ends by itself.
  private static final RequestLimits PATIENT =
      new RequestLimits(2, 300_000, 300_000, 300_000, 300_000, 64 << 20);

  private final CountDownLatch bothAsked = new CountDownLatch(2);
  private final CountDownLatch release = new CountDownLatch(1);
  private final BlockingQueue<String> ofHeaders = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> ofBodies = new LinkedBlockingQueue<>();
  private Host asking;
  private Host asked;
  private Connection connection;
  private NetworkPeer peer;
  private Requests serving;

  private static Host host(int seed) throws IOException {
    byte[] secret = new byte[32];
    secret[0] = (byte) seed;
    return Host.start(
        HostOptions.of(PrivateKey.ed25519(secret), "test")
            .withListen(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
  }

  private interface Ask {
    Object ask() throws PeerException, InterruptedException;
  }

  private static void start(Ask question, BlockingQueue<String> outcomes) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            question.ask();
            outcomes.add("answered");
          } catch (PeerException e) {
            outcomes.add(e.isDeceit() ? "deceived" : "unavailable");
          } catch (InterruptedException e) {
            outcomes.add("interrupted");
          }
        });
  }

  @BeforeEach
  void askForHeadersAndBodies() throws Exception {
    asking = host(1);
    asked = host(2);
    serving = new Requests(asked, PATIENT);
    serving.serve(PROTOCOLS.headers(), (from, question, answer) -> holdBack());
    serving.serve(PROTOCOLS.bodies(), (from, question, answer) -> holdBack());
    connection = asking.connect(asked.id(), asked.addresses());
    Peers peers = new Peers(PeersOptions.of(0, 4), System::currentTimeMillis, new Random(1));
    peer =
        new NetworkPeer(asked.id(), new Requests(asking, PATIENT), PROTOCOLS, peers, ANSWER_BYTES);
    start(() -> peer.headers(1, 2), ofHeaders);
    start(() -> peer.bodies(List.of(Hash32.ZERO)), ofBodies);
    assertThat(bothAsked.await(60, TimeUnit.SECONDS)).isTrue();
  }

  private void holdBack() throws IOException {
    bothAsked.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @AfterEach
  void close() {
    asking.close();
    asked.close();
  }

  @Test
  void headersAreCancelledAndNothingElse() throws Exception {
    peer.cancelHeaders();
    assertThat(ofHeaders.poll(60, TimeUnit.SECONDS)).isEqualTo("unavailable");
    release.countDown();
    assertThat(ofBodies.poll(60, TimeUnit.SECONDS)).isEqualTo("answered");
    assertThat(asking.connection(asked.id())).containsSame(connection);
    // What was cancelled was the question under way, not those to come.
    assertThat(peer.headers(1, 2)).isEmpty();
  }

  @Test
  void bodiesAreCancelledAndNothingElse() throws Exception {
    peer.cancelBodies();
    assertThat(ofBodies.poll(60, TimeUnit.SECONDS)).isEqualTo("unavailable");
    release.countDown();
    assertThat(ofHeaders.poll(60, TimeUnit.SECONDS)).isEqualTo("answered");
    assertThat(peer.bodies(List.of(Hash32.ZERO))).isEmpty();
  }

  /// What one peer can make another hold: an answer's bytes and an item, not as many items as were
  /// asked for of the largest size.
  @Test
  void anAnswerThatGoesOnBeyondItsBytesIsNotRead() throws Exception {
    byte[] item = new byte[1 << 20];
    int items = ANSWER_BYTES / item.length;
    BlockingQueue<String> ofServing = new LinkedBlockingQueue<>();
    serving.serve(
        PROTOCOLS.transactions(),
        (from, question, answer) -> {
          try {
            for (Hash32 ignored : question) {
              answer.send(item);
            }
            ofServing.add("sent all");
          } catch (IOException e) {
            ofServing.add("stopped");
          }
        });
    List<Hash32> hashes = Collections.nCopies(SyncLimits.DEFAULT.bodiesPerRequest(), Hash32.ZERO);
    assertThat(peer.transactions(hashes.subList(0, items))).hasSize(items);
    assertThat(ofServing.poll(60, TimeUnit.SECONDS)).isEqualTo("sent all");
    assertThat(peer.transactions(hashes)).hasSize(items);
    assertThat(ofServing.poll(60, TimeUnit.SECONDS)).isEqualTo("stopped");
    assertThat(asking.connection(asked.id())).containsSame(connection);
  }

  /// A header may have 64 KiB of extra data, and hundreds are asked for.
  @Test
  void headersBeyondTheBytesOfAnAnswerAreNotRead() throws Exception {
    byte[] seals = new byte[60_000];
    Header header = Header.builder().number(1).difficulty(UInt256.ONE).extraData(seals).build();
    int bytes = header.encode().length;
    BlockingQueue<String> ofServing = new LinkedBlockingQueue<>();
    serving.serve(
        PROTOCOLS.headers(),
        (from, question, answer) -> {
          try {
            for (int i = 0; i < question.count(); i++) {
              answer.send(header);
            }
            ofServing.add("sent all");
          } catch (IOException e) {
            ofServing.add("stopped");
          }
        });
    int enough = (ANSWER_BYTES + bytes - 1) / bytes;
    assertThat(peer.headers(1, SyncLimits.DEFAULT.headersPerRequest())).hasSize(enough);
    assertThat(ofServing.poll(60, TimeUnit.SECONDS)).isEqualTo("stopped");
    assertThat(peer.headers(1, enough)).hasSize(enough);
    assertThat(asking.connection(asked.id())).containsSame(connection);
  }
}
