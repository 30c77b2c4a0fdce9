package io.semper.lightclient.beacon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;
import io.semper.lightclient.upstream.Evidence;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Following several sources over HTTP, most of which lie.
class BeaconFollowerTest {
  private static final long PERIOD = 64;

  private final TestBeacon chain = new TestBeacon(TestNetworks.minimal(8), 1);
  private final AtomicLong slot = new AtomicLong();
  private final List<BeaconServer> servers = new ArrayList<>();
  private final List<Evidence> lies = new ArrayList<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  private BeaconServer serve(BeaconServer server) {
    servers.add(server);
    return server;
  }

  private BeaconServer honest() {
    return serve(new BeaconServer(chain, slot::get));
  }

  private BeaconFollower follower(BeaconServer... servers) {
    List<BeaconSource> sources = new ArrayList<>();
    for (BeaconServer each : servers) {
      sources.add(each.source());
    }
    return new BeaconFollower(
        chain.network, sources, () -> chain.network.timeMillisOf(slot.get()), lies::add);
  }

  @AfterEach
  void close() {
    ended.countDown();
    servers.forEach(BeaconServer::close);
  }

  private static void at(BeaconFollower follower, long latest, long finalized) {
    assertThat(follower.latest().slot()).isEqualTo(latest);
    assertThat(follower.finalized().slot()).isEqualTo(finalized);
  }

  @Test
  void beginsAtTheCheckpointAndFollowsTheHeadOverTheForks() {
    slot.set(30);
    BeaconServer server = honest();
    BeaconFollower follower = follower(server);
    assertThat(follower.latest()).isNull();
    follower.trust(chain.root(8));
    for (long now = 30; now < 4 * PERIOD; now += now % PERIOD < 2 ? 1 : 3) {
      slot.set(now);
      assertThat(follower.advance()).isTrue();
      at(follower, now - 1, chain.finalizedSlot(now - 1));
      assertThat(follower.latest().executionBlockHash()).isEqualTo(chain.executionHash(now - 1));
      assertThat(follower.latest().blockRoot()).isEqualTo(chain.root(now - 1));
    }
    assertThat(follower.advance()).isFalse();
    assertThat(lies).isEmpty();
    // One question for each slot, one for each epoch's finality, one for each committee.
    assertThat(follower.rounds()).isLessThan(4 * PERIOD + 32 + 8);
  }

  @Test
  void aWeekOfflineCostsFewRoundTrips() {
    slot.set(30);
    BeaconServer server = honest();
    BeaconFollower before = follower(server);
    before.trust(chain.root(8));
    before.advance();
    byte[] saved = before.snapshot();

    // Seven periods, as many as mainnet has in a week and more.
    long now = 7 * PERIOD + 30;
    slot.set(now);
    BeaconFollower after = follower(server);
    after.restore(saved);
    at(after, 29, chain.finalizedSlot(29));
    assertThat(after.latest().timeMillis()).isEqualTo(chain.network.timeMillisOf(29));
    after.advance();
    at(after, now - 1, chain.finalizedSlot(now - 1));
    assertThat(after.rounds()).isLessThanOrEqualTo(4);

    byte[] damaged = saved.clone();
    damaged[100] ^= 1;
    assertThatThrownBy(() -> after.restore(damaged)).isInstanceOf(MalformedInputException.class);
  }

  @Test
  void aServerThatFailsWholeRangesIsAskedForOneAfterTheOther() {
    slot.set(5 * PERIOD + 30);
    BeaconServer refusing =
        serve(
            new BeaconServer(chain, slot::get) {
              @Override
              void updates(HttpExchange exchange, long start, int count) throws IOException {
                if (count > 1) {
                  exchange.sendResponseHeaders(500, -1);
                } else {
                  super.updates(exchange, start, count);
                }
              }
            });
    BeaconFollower follower = follower(refusing);
    follower.trust(chain.root(8));
    follower.advance();
    at(follower, slot.get() - 1, chain.finalizedSlot(slot.get() - 1));
  }

  @Test
  void whatIsTooOldIsNotBegunWith() {
    slot.set(30);
    BeaconServer server = honest();
    BeaconFollower follower = follower(server);
    follower.trust(chain.root(8));
    follower.advance();
    byte[] saved = follower.snapshot();
    long fortnight = SyncCommitteeVerifier.TRUSTING_PERIOD.toMillis() / 6000;
    BeaconFollower late =
        new BeaconFollower(
            chain.network,
            List.of(server.source()),
            () -> chain.network.timeMillisOf(fortnight + 60),
            lies::add);
    late.trust(chain.root(8));
    assertThatThrownBy(late::advance)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("newer finalised block");
    BeaconFollower asleep =
        new BeaconFollower(
            chain.network,
            List.of(server.source()),
            () -> chain.network.timeMillisOf(fortnight + 60),
            lies::add);
    asleep.restore(saved);
    assertThatThrownBy(asleep::advance).hasMessageContaining("newer finalised block");
    assertThat(asleep.latest().slot()).isEqualTo(29);
    assertThat(lies).isEmpty();
  }

  @Test
  void unknownBlocksAndSilentServersAreNoLies() {
    slot.set(30);
    BeaconFollower follower = follower(honest());
    follower.trust(Hash32.ZERO);
    assertThatThrownBy(follower::advance)
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("status 404");
    assertThat(lies).isEmpty();
    BeaconFollower nowhere =
        new BeaconFollower(
            chain.network,
            List.of(new BeaconRest(chain.network, URI.create("http://127.0.0.1:1/"))),
            () -> chain.network.timeMillisOf(slot.get()),
            lies::add);
    nowhere.trust(chain.root(8));
    assertThatThrownBy(nowhere::advance).isInstanceOf(UnavailableException.class);
    assertThatThrownBy(() -> follower(honest()).advance()).hasMessageContaining("begin with");
  }

  @Test
  void whoIsAddedAndFailsGivesItsPlaceToTheNext() {
    slot.set(30);
    BeaconFollower follower = follower(honest());
    follower.trust(chain.root(8));
    BeaconSource nowhere = new BeaconRest(chain.network, URI.create("http://127.0.0.1:1/"));
    BeaconServer other = honest();
    assertThat(follower.add(nowhere, 2)).isTrue();
    assertThat(follower.add(other.source(), 2)).isFalse();
    boolean added = false;
    for (int i = 0; i < 20 && !added; i++) {
      follower.advance();
      slot.incrementAndGet();
      added = follower.add(other.source(), 2);
    }
    assertThat(added).isTrue();
    assertThat(follower.status()).hasSize(2);
    follower.advance();
    assertThat(other.requests.get()).isPositive();
    assertThat(follower.add(nowhere, 2)).isFalse();
  }

  @Test
  void whatComesUnaskedIsJudgedLikewise() {
    slot.set(30);
    BeaconFollower follower = follower(honest());
    Claim<LightClientUpdate> news = new Claim<>(chain.update(35, Kind.OPTIMISTIC), new byte[] {1});
    assertThat(follower.offer("peer", news)).isEqualTo(BeaconFollower.Offered.USELESS);
    follower.trust(chain.root(8));
    follower.advance();
    assertThat(follower.offer("peer", news)).isEqualTo(BeaconFollower.Offered.USELESS);
    slot.set(36);
    assertThat(follower.offer("peer", news)).isEqualTo(BeaconFollower.Offered.BELIEVED);
    at(follower, 35, chain.finalizedSlot(29));
    assertThat(follower.offer("peer", news)).isEqualTo(BeaconFollower.Offered.USELESS);
    assertThat(lies).isEmpty();
    LightClientUpdate forged = new TestBeacon(chain.network, 9).update(36, Kind.OPTIMISTIC);
    slot.set(37);
    assertThat(follower.offer("peer", new Claim<>(forged, new byte[] {2})))
        .isEqualTo(BeaconFollower.Offered.REFUSED);
    assertThat(lies).hasSize(1).first().extracting(Evidence::upstream).isEqualTo("peer");
    at(follower, 35, chain.finalizedSlot(29));
  }

  /// Five of six sources lie, each in its way; the head is the honest one's, in every slot.
  @Test
  void oneHonestSourceAmongFiveLiarsIsEnough() {
    slot.set(3 * PERIOD + 30);
    TestBeacon other = new TestBeacon(chain.network, 2);
    BeaconServer forger = serve(new BeaconServer(other, slot::get));
    BeaconServer flipper =
        serve(
            new BeaconServer(chain, slot::get) {
              @Override
              void update(HttpExchange exchange, long at, Kind kind) throws IOException {
                byte[] ssz =
                    TestSsz.encode(chain.update(at, kind), kind, chain.network.forkAtSlot(at), 32);
                // The attested state.
                ssz[kind == Kind.OPTIMISTIC ? 4 + 4 + 96 + 8 + 60 : ssz.length - 1100] ^= 1;
                send(exchange, ssz, chain.network.forkAtSlot(at));
              }
            });
    BeaconServer replayer =
        serve(
            new BeaconServer(chain, slot::get) {
              @Override
              void update(HttpExchange exchange, long at, Kind kind) throws IOException {
                send(exchange, chain.update(3 * PERIOD + 1, kind), kind);
              }
            });
    BeaconServer minority =
        serve(
            new BeaconServer(chain, slot::get) {
              @Override
              void update(HttpExchange exchange, long at, Kind kind) throws IOException {
                send(exchange, other.update(at, at + 1, kind, TestBeacon.first(21)), kind);
              }
            });
    BeaconServer endless =
        serve(
            new BeaconServer(chain, slot::get) {
              @Override
              void update(HttpExchange exchange, long at, Kind kind) throws IOException {
                endless(exchange);
              }

              @Override
              void updates(HttpExchange exchange, long start, int count) throws IOException {
                endless(exchange);
              }
            });
    BeaconFollower follower = follower(forger, flipper, replayer, minority, endless, honest());
    follower.trust(chain.root(8));
    for (int i = 0; i < 40; i++) {
      follower.advance();
      assertThat(follower.latest().blockRoot()).isEqualTo(chain.root(slot.get() - 1));
      assertThat(follower.finalized().blockRoot())
          .isEqualTo(chain.root(chain.finalizedSlot(slot.get() - 1)));
      slot.incrementAndGet();
    }
    assertThat(lies).extracting(Evidence::upstream).contains(forger.source().name());
    assertThat(lies).extracting(Evidence::upstream).contains(flipper.source().name());
    assertThat(lies).allSatisfy(lie -> assertThat(lie.reply()).isNotEmpty());
    assertThat(follower.status().stream().filter(BeaconFollower.Status::banned).count())
        .isEqualTo(lies.size());
    // Banned once, never asked again.
    int asked = forger.requests.get();
    follower.advance();
    assertThat(forger.requests).hasValue(asked);
  }

  private static void endless(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 0);
    byte[] zeros = "0".repeat(8192).getBytes(StandardCharsets.US_ASCII);
    try (OutputStream out = exchange.getResponseBody()) {
      while (true) {
        out.write(zeros);
      }
    }
  }

  /// Nothing waits for those who drip, and what they drip is bounded in time and bytes.
  @Test
  void slowBodiesAreCutOff() throws IOException {
    slot.set(30);
    BeaconServer dripping =
        serve(
            new BeaconServer(chain, slot::get) {
              @Override
              void bootstrap(HttpExchange exchange, Hash32 root) throws IOException {
                exchange.sendResponseHeaders(200, 0);
                exchange.getResponseBody().write('{');
                exchange.getResponseBody().flush();
                try {
                  ended.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }
            });
    BeaconRest impatient = new BeaconRest(chain.network, dripping.address(), new BeaconHttp(200));
    assertThatThrownBy(() -> impatient.bootstrap(chain.root(8))).isInstanceOf(IOException.class);
    BeaconFollower follower = follower(dripping, honest());
    follower.trust(chain.root(8));
    follower.advance();
    at(follower, 29, chain.finalizedSlot(29));
  }
}
