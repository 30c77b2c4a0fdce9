package io.semper.chain.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.db.MemoryStore;
import io.semper.chain.ethash.EthashSeal;
import io.semper.chain.file.BlockFile;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.FileImport;
import io.semper.chain.importer.Ledger;
import io.semper.core.bytes.Hash32;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.fork.ForkId;
import io.semper.core.types.Header;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A real chain of 54 blocks, fetched in small ranges from peers of every character.
class RangeSyncTest {
  private static final SyncLimits SMALL = new SyncLimits(8, 3, 64, 4 << 20, 4, 1 << 20, 16, 5_000);
  private static Network network;
  private static EthashSeal seal;
  private static Ledger source;

  private final PeerSet peers = new PeerSet(SMALL.peers(), Clock.systemUTC());
  private Ledger ledger;
  private BlockImporter importer;
  private RangeSync sync;
  private final CountDownLatch complete = new CountDownLatch(1);

  @BeforeAll
  static void importTheChain() throws Exception {
    network = Genesis.read(Files.readAllBytes(Fixtures.path("rpc-compat/genesis.json")));
    seal = EthashSeal.of(network);
    source = Ledger.open(new MemoryStore(), network, seal);
    try (BlockImporter importer = new BlockImporter(source)) {
      importInto(importer);
    }
    assertThat(source.head().number()).isEqualTo(54);
  }

  private static void importInto(BlockImporter importer) throws IOException, InterruptedException {
    try (BlockFile file = BlockFile.open(Fixtures.path("rpc-compat/chain.rlp"))) {
      FileImport.run(file, importer, (result, position) -> {});
    }
  }

  @BeforeEach
  void openAnEmptyLedger() {
    ledger = Ledger.open(new MemoryStore(), network, seal);
    ledger.onHead(change -> {
      if (ledger.head().number() == 54) {
        complete.countDown();
      }
    });
    importer = new BlockImporter(ledger);
  }

  @AfterEach
  void close() {
    if (sync != null) {
      sync.close();
    }
    importer.close();
  }

  @Test
  void helpOfSeveralPeersIsUsed() throws Exception {
    CyclicBarrier allAsked = new CyclicBarrier(3);
    class Together extends LedgerPeer {
      Together(String id) {
        super(id, source);
      }

      @Override
      public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
        try {
          if (bodiesServed.get() == 0) {
            allAsked.await(60, TimeUnit.SECONDS);
          }
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
          throw PeerException.unavailable("the others are not asked", e);
        }
        return super.bodies(hashes);
      }
    }
    List<LedgerPeer> honest =
        List.of(join(new Together("a")), join(new Together("b")), join(new Together("c")));
    syncWhole();
    assertThat(honest).allMatch(peer -> peer.bodiesServed.get() > 0);
  }

  @Test
  void aPeerThatDoesNotAnswerIsPassedBy() throws Exception {
    join(
        new LedgerPeer("silent", source) {
          @Override
          public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
            throw PeerException.unavailable("time-out", null);
          }
        });
    join("honest");
    syncWhole();
  }

  @Test
  void aPeerThatDiesMidwayIsReplacedAsLead() throws Exception {
    LedgerPeer dying =
        new LedgerPeer("dying", source) {
          private int asked;

          @Override
          public List<Header> headers(long from, int count) throws PeerException {
            if (++asked > 3) {
              throw PeerException.unavailable("connection closed", null);
            }
            return super.headers(from, count);
          }
        };
    join(dying);
    sync = new RangeSync(importer, peers, SMALL);
    dying.awaitServed();
    join("honest");
    awaitComplete();
  }

  @Test
  void bodiesOfOtherBlocksEndTheConnection() throws Exception {
    LedgerPeer liar = join(new LedgerPeer.OtherBodies(source));
    syncWithHonestPeerLater(liar);
    assertThat(liar.disconnected).contains("not the body asked for");
  }

  @Test
  void bytesThatAreNoBodyEndTheConnection() throws Exception {
    LedgerPeer liar = join(new LedgerPeer.NoBodies(source));
    syncWithHonestPeerLater(liar);
    assertThat(liar.disconnected).contains("a body that is none");
  }

  @Test
  void headersWithAGapEndTheConnection() throws Exception {
    LedgerPeer liar = join(new LedgerPeer.Gaps(source));
    syncWithHonestPeerLater(liar);
    assertThat(liar.disconnected).contains("does not follow its parent");
  }

  @Test
  void invalidHeadersEndTheConnectionOfWhoGaveThem() throws Exception {
    LedgerPeer liar = join(new LedgerPeer.InvalidHeaders(source));
    syncWithHonestPeerLater(liar);
    assertThat(liar.disconnected).contains("is invalid");
  }

  @Test
  void aChainWithoutEndEndsTheConnection() throws Exception {
    LedgerPeer liar = join(new LedgerPeer.Endless(source));
    sync = new RangeSync(importer, peers, SMALL);
    assertThat(liar.gone.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(liar.disconnected).contains("is invalid");
    assertThat(ledger.head()).isEqualTo(source.head());
  }

  /// Whoever is asked first, and however often.
  @ParameterizedTest
  @MethodSource
  void anHonestPeerBesideIsEnough(LedgerPeer other) throws Exception {
    join(other);
    LedgerPeer honest = join("honest");
    sync = new RangeSync(importer, peers, hasty(100));
    awaitComplete();
    assertThat(honest.disconnected).isNull();
  }

  static List<LedgerPeer> anHonestPeerBesideIsEnough() {
    return List.of(
        new LedgerPeer.OtherBodies(source),
        new LedgerPeer.NoBodies(source),
        new LedgerPeer.Gaps(source),
        new LedgerPeer.InvalidHeaders(source),
        new LedgerPeer.Endless(source),
        new LedgerPeer.Stale(source),
        new LedgerPeer.Trickling(source));
  }

  /// The importer waits for what a peer holds back, and another has it.
  @Test
  void bodiesHeldBackAreAskedOfAnother() throws Exception {
    LedgerPeer.Trickling trickling = new LedgerPeer.Trickling(source);
    join(trickling);
    join(
        new LedgerPeer("honest", source) {
          @Override
          public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
            trickling.awaitAsked();
            return super.bodies(hashes);
          }
        });
    sync = new RangeSync(importer, peers, hasty(100));
    awaitComplete();
    assertThat(trickling.cancelled.getCount()).isZero();
    assertThat(trickling.disconnected).isNull();
  }

  /// To interrupt a thread that writes would close the connection.
  @Test
  void theEndCancelsAndInterruptsNobody() throws Exception {
    LedgerPeer.Trickling trickling = new LedgerPeer.Trickling(source);
    join(trickling);
    sync = new RangeSync(importer, peers, SMALL);
    trickling.awaitAsked();
    sync.close();
    assertThat(trickling.ended.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(trickling.cancelled.getCount()).isZero();
    assertThat(trickling.interrupted).isFalse();
  }

  /// Headers take a round trip or more, in which the importer has work if there is any.
  @Test
  void blocksAreImportedWhileHeadersAreAwaited() throws Exception {
    CountDownLatch firstImported = new CountDownLatch(1);
    ledger.onHead(change -> {
      if (ledger.head().number() == 8) {
        firstImported.countDown();
      }
    });
    AtomicLong waited = new AtomicLong();
    join(
        new LedgerPeer("far away", source) {
          @Override
          public List<Header> headers(long from, int count) throws PeerException {
            try {
              if (from == 9 && firstImported.await(20, TimeUnit.SECONDS)) {
                waited.incrementAndGet();
              }
            } catch (InterruptedException e) {
              throw PeerException.unavailable("interrupted", e);
            }
            return super.headers(from, count);
          }
        });
    syncWhole();
    assertThat(waited).hasValue(1);
  }

  @Test
  void aSlowPeerLeadsNoMore() throws Exception {
    assertAnotherLeads(
        new LedgerPeer("slow", source) {
          @Override
          public List<Header> headers(long from, int count) throws PeerException {
            LockSupport.parkNanos(20_000_000);
            return super.headers(from, count);
          }
        });
  }

  /// Another goes on where the stalling peer stopped, with what was fetched so far.
  @Test
  void headersHeldBackAreAskedOfAnother() throws Exception {
    LedgerPeer.Stalling stalling = join(new LedgerPeer.Stalling(source, 16));
    AtomicLong firstAsked = new AtomicLong(Long.MAX_VALUE);
    sync = new RangeSync(importer, peers, hasty(100));
    stalling.awaitStall();
    join(
        new LedgerPeer("honest", source) {
          @Override
          public List<Header> headers(long from, int count) throws PeerException {
            firstAsked.accumulateAndGet(from, Math::min);
            return super.headers(from, count);
          }
        });
    awaitComplete();
    assertThat(stalling.cancelled.getCount()).isZero();
    assertThat(stalling.disconnected).isNull();
    assertThat(firstAsked).hasValue(17);
  }

  /// It stalls before it has told where its chain parts from ours.
  @Test
  void anAncestorHeldBackIsAskedOfAnother() throws Exception {
    LedgerPeer.Stalling stalling = join(new LedgerPeer.Stalling(source, -1));
    sync = new RangeSync(importer, peers, hasty(100));
    stalling.awaitStall();
    join("honest");
    awaitComplete();
    assertThat(stalling.disconnected).isNull();
  }

  /// Nobody else could lead: the answer is waited for as long as requests may take.
  @Test
  void theOnlyPeerIsNotCancelled() throws Exception {
    LedgerPeer.Stalling stalling = join(new LedgerPeer.Stalling(source, 16));
    sync = new RangeSync(importer, peers, hasty(1));
    stalling.awaitStall();
    assertThat(stalling.cancelled.await(50, TimeUnit.MILLISECONDS)).isFalse();
    stalling.cancelHeaders();
  }

  /// It may be asked often to find the common ancestor.
  @Test
  void aPeerSlowToTellWhereItsChainPartsDoesNotLead() throws Exception {
    assertAnotherLeads(
        new LedgerPeer("slow", source) {
          @Override
          public Hash32 hashAt(long number) throws PeerException, InterruptedException {
            LockSupport.parkNanos(50_000_000);
            return super.hashAt(number);
          }
        });
  }

  private void assertAnotherLeads(LedgerPeer slow) throws Exception {
    join(slow);
    LedgerPeer other = new LedgerPeer("other", source);
    peers.update(other, new Status(network.genesisHash(), forkId(), 40, Hash32.ZERO, 0));
    sync = new RangeSync(importer, peers, hasty(10));
    awaitComplete();
    assertThat(other.headersServed).hasPositiveValue();
  }

  @Test
  void helpDoesNotMakeALeader() {
    AtomicLong millis = new AtomicLong();
    InstantSource time = () -> Instant.ofEpochMilli(millis.get());
    PeerSet set = new PeerSet(4, time.withZone(ZoneOffset.UTC));
    LedgerPeer high = new LedgerPeer("high", source);
    LedgerPeer low = new LedgerPeer("low", source);
    set.update(high, new Status(network.genesisHash(), forkId(), 50, Hash32.ZERO, 0));
    set.update(low, new Status(network.genesisHash(), forkId(), 40, Hash32.ZERO, 0));
    assertThat(set.having(1)).containsExactly(high, low);
    set.failedToLead(high, PeerException.unavailable("slow", null));
    assertThat(set.having(1)).containsExactly(low);
    millis.addAndGet(60_000);
    set.succeeded(high);
    assertThat(set.having(1)).containsExactly(low, high);
    set.led(high);
    assertThat(set.having(1)).containsExactly(high, low);
  }

  @Test
  void aPeerThatClaimsWhatItHasNotOnlyRests() throws Exception {
    LedgerPeer boaster = new LedgerPeer("boaster", source);
    peers.update(boaster, new Status(network.genesisHash(), forkId(), 1 << 20, Hash32.ZERO, 0));
    join("honest");
    syncWhole();
    assertThat(boaster.disconnected).isNull();
  }

  /// More is wanted than the session holds, and nobody is left to ask.
  @Test
  void rangesThatNobodyHasAreGivenUp() throws Exception {
    LedgerPeer bodiless = join(new LedgerPeer.Bodiless(source));
    SyncSession session = new SyncSession(importer, peers, SMALL, bodiless);
    Thread running = Thread.ofVirtual().start(() -> run(session));
    assertThat(running.join(Duration.ofSeconds(20))).isTrue();
    assertThat(bodiless.headersServed).hasValueGreaterThan(SMALL.chunksAhead());
    assertThat(bodiless.disconnected).isNull();
  }

  private static void run(SyncSession session) {
    try {
      session.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Who led into nothing is gone; another peer comes, or does not.
  @Test
  void whatNobodyHadIsTriedAgainWhenAPeerAnnouncesIt() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    LedgerPeer leaving =
        join(
            new LedgerPeer.Bodiless(source) {
              @Override
              public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
                asked.countDown();
                return super.bodies(hashes);
              }
            });
    sync = new RangeSync(importer, peers, SMALL);
    assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
    peers.remove(leaving);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (sync.target().isPresent() && System.nanoTime() < end) {
      peers.awaitChange(10);
    }
    assertThat(sync.target()).isEmpty();
    join("honest");
    awaitComplete();
  }

  /// Nobody has the blocks of a chain that was made up; others are asked for them in vain.
  @Test
  void aMadeUpChainWithoutBodiesHoldsUpNobody() throws Exception {
    LedgerPeer liar = join(new LedgerPeer.MadeUp(source, 0, 16));
    sync = new RangeSync(importer, peers, SMALL);
    liar.awaitServed();
    join("honest");
    awaitComplete();
  }

  /// Their extra data is checked with the blocks, which do not come.
  @Test
  void largeHeadersWithoutBodiesAreNotHeapedUp() throws Exception {
    SyncLimits limits = new SyncLimits(8, 3, 64, 4 << 20, 64, 1 << 20, 16, 5_000);
    int extraBytes = 60_000;
    LedgerPeer.MadeUp liar =
        new LedgerPeer.MadeUp(source, extraBytes, 3 * 8) {
          @Override
          public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
            List<byte[]> none = super.bodies(hashes);
            // Time to be asked for more headers, as it must not be.
            LockSupport.parkNanos(300_000_000);
            return none;
          }
        };
    new SyncSession(importer, peers, limits, join(liar)).run();
    assertThat(liar.asked).hasValue(3 * 8);
    assertThat(limits.bytesAhead()).isBetween(2L * 8 * extraBytes, 3L * 8 * extraBytes);
  }

  /// A short rest as a leader does not end a long one as a helper.
  @Test
  void aFailureNeverShortensARest() {
    AtomicLong millis = new AtomicLong();
    InstantSource time = () -> Instant.ofEpochMilli(millis.get());
    PeerSet set = new PeerSet(4, time.withZone(ZoneOffset.UTC));
    LedgerPeer peer = new LedgerPeer("failing", source);
    set.update(peer, new Status(network.genesisHash(), forkId(), 50, Hash32.ZERO, 0));
    for (int i = 0; i < 4; i++) {
      set.failed(peer, PeerException.unavailable("no bodies", null));
    }
    set.failedToLead(peer, PeerException.unavailable("nobody has its blocks", null));
    millis.addAndGet(3_999);
    assertThat(set.having(1)).isEmpty();
    millis.addAndGet(1);
    assertThat(set.having(1)).containsExactly(peer);
  }

  @Test
  void nobodyIsAskedWhereNobodyIsAhead() throws Exception {
    importInto(importer);
    LedgerPeer equal = join("equal");
    sync = new RangeSync(importer, peers, SMALL);
    peers.awaitChange(1);
    assertThat(sync.target()).isEmpty();
    assertThat(equal.headersServed).hasValue(0);
  }

  private void syncWithHonestPeerLater(LedgerPeer liar) throws Exception {
    sync = new RangeSync(importer, peers, SMALL);
    assertThat(liar.gone.await(60, TimeUnit.SECONDS)).isTrue();
    join("honest");
    awaitComplete();
  }

  private void syncWhole() throws Exception {
    sync = new RangeSync(importer, peers, SMALL);
    awaitComplete();
  }

  private void awaitComplete() throws InterruptedException {
    assertThat(complete.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(ledger.head()).isEqualTo(source.head());
  }

  private static SyncLimits hasty(int patienceMillis) {
    return new SyncLimits(8, 3, 64, 4 << 20, 4, 1 << 20, 16, patienceMillis);
  }

  private static ForkId forkId() {
    return Status.of(source, genesis()).forkId();
  }

  private static Header genesis() {
    return network.genesisBlock().header();
  }

  private LedgerPeer join(String id) {
    return join(new LedgerPeer(id, source));
  }

  private <P extends LedgerPeer> P join(P peer) {
    Status claimed = new Status(network.genesisHash(), forkId(), peer.claims(), Hash32.ZERO, 0);
    assertThat(peers.update(peer, claimed)).isTrue();
    return peer;
  }
}
