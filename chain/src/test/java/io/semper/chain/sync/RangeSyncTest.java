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
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
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
        super(id);
      }

      @Override
      public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
        try {
          if (bodiesServed.get() == 0) {
            allAsked.await(20, TimeUnit.SECONDS);
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
        new LedgerPeer("silent") {
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
        new LedgerPeer("dying") {
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
    LedgerPeer liar = join(new OtherBodies());
    syncWithHonestPeerLater(liar);
    assertThat(liar.disconnected).contains("not the body asked for");
  }

  @Test
  void bytesThatAreNoBodyEndTheConnection() throws Exception {
    LedgerPeer liar = join(new NoBodies());
    syncWithHonestPeerLater(liar);
    assertThat(liar.disconnected).contains("a body that is none");
  }

  @Test
  void headersWithAGapEndTheConnection() throws Exception {
    LedgerPeer liar = join(new Gaps());
    syncWithHonestPeerLater(liar);
    assertThat(liar.disconnected).contains("does not follow its parent");
  }

  @Test
  void invalidHeadersEndTheConnectionOfWhoGaveThem() throws Exception {
    LedgerPeer liar = join(new InvalidHeaders());
    syncWithHonestPeerLater(liar);
    assertThat(liar.disconnected).contains("is invalid");
  }

  @Test
  void aChainWithoutEndEndsTheConnection() throws Exception {
    LedgerPeer liar = join(new Endless());
    sync = new RangeSync(importer, peers, SMALL);
    assertThat(liar.gone.await(20, TimeUnit.SECONDS)).isTrue();
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
        new OtherBodies(),
        new NoBodies(),
        new Gaps(),
        new InvalidHeaders(),
        new Endless(),
        new Stale(),
        new Trickling());
  }

  /// The importer waits for what a peer holds back, and another has it.
  @Test
  void bodiesHeldBackAreAskedOfAnother() throws Exception {
    Trickling trickling = new Trickling();
    join(trickling);
    join(
        new LedgerPeer("honest") {
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
    Trickling trickling = new Trickling();
    join(trickling);
    sync = new RangeSync(importer, peers, SMALL);
    trickling.awaitAsked();
    sync.close();
    assertThat(trickling.ended.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(trickling.interrupted).isFalse();
  }

  @Test
  void aSlowPeerLeadsNoMore() throws Exception {
    join(
        new LedgerPeer("slow") {
          @Override
          public List<Header> headers(long from, int count) throws PeerException {
            LockSupport.parkNanos(20_000_000);
            return super.headers(from, count);
          }
        });
    LedgerPeer other = new LedgerPeer("other");
    peers.update(other, new Status(network.genesisHash(), forkId(), 40, Hash32.ZERO, 0));
    sync = new RangeSync(importer, peers, hasty(10));
    awaitComplete();
    assertThat(other.headersServed).hasPositiveValue();
  }

  /// It may be asked often to find the common ancestor.
  @Test
  void aPeerSlowToTellWhereItsChainPartsDoesNotLead() throws Exception {
    join(
        new LedgerPeer("slow") {
          @Override
          public Hash32 hashAt(long number) throws PeerException, InterruptedException {
            LockSupport.parkNanos(50_000_000);
            return super.hashAt(number);
          }
        });
    LedgerPeer other = new LedgerPeer("other");
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
    LedgerPeer high = new LedgerPeer("high");
    LedgerPeer low = new LedgerPeer("low");
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
    LedgerPeer boaster = new LedgerPeer("boaster");
    peers.update(boaster, new Status(network.genesisHash(), forkId(), 1 << 20, Hash32.ZERO, 0));
    join("honest");
    syncWhole();
    assertThat(boaster.disconnected).isNull();
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
    assertThat(liar.gone.await(20, TimeUnit.SECONDS)).isTrue();
    join("honest");
    awaitComplete();
  }

  private void syncWhole() throws Exception {
    sync = new RangeSync(importer, peers, SMALL);
    awaitComplete();
  }

  private void awaitComplete() throws InterruptedException {
    assertThat(complete.await(30, TimeUnit.SECONDS)).isTrue();
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
    return join(new LedgerPeer(id));
  }

  private LedgerPeer join(LedgerPeer peer) {
    Status claimed = new Status(network.genesisHash(), forkId(), peer.claims(), Hash32.ZERO, 0);
    assertThat(peers.update(peer, claimed)).isTrue();
    return peer;
  }

  /// A peer that answers truly from the source, unless a test says otherwise.
  private static class LedgerPeer implements SyncPeer {
    final AtomicInteger headersServed = new AtomicInteger();
    final AtomicInteger bodiesServed = new AtomicInteger();
    final CountDownLatch served = new CountDownLatch(1);
    final CountDownLatch gone = new CountDownLatch(1);
    volatile String disconnected;
    private final String id;
    private final ChainAnswers answers = new ChainAnswers(source, null, SMALL);

    LedgerPeer(String id) {
      this.id = id;
    }

    @Override
    public String id() {
      return id;
    }

    @Override
    public List<Header> headers(long from, int count) throws PeerException {
      List<Header> headers = new ArrayList<>();
      answers.headers(new HeaderRange(from, count)).forEachRemaining(headers::add);
      headersServed.addAndGet(headers.size());
      served.countDown();
      return headers;
    }

    @Override
    public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
      List<byte[]> bodies = new ArrayList<>();
      answers.bodies(hashes).forEachRemaining(bodies::add);
      bodiesServed.addAndGet(bodies.size());
      return bodies;
    }

    /// The number of its highest block, by its own words.
    long claims() {
      return source.head().number();
    }

    void awaitServed() throws InterruptedException {
      assertThat(served.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void cancelBodies() {
      // It answers at once.
    }

    @Override
    public void disconnect(String reason) {
      disconnected = reason;
      gone.countDown();
    }

    @Override
    public String toString() {
      return id;
    }
  }

  private static final class OtherBodies extends LedgerPeer {
    OtherBodies() {
      super("other bodies");
    }

    @Override
    public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
      return Collections.nCopies(
          hashes.size(), super.bodies(List.of(source.head().hash())).getFirst());
    }
  }

  private static final class NoBodies extends LedgerPeer {
    NoBodies() {
      super("no bodies");
    }

    @Override
    public List<byte[]> bodies(List<Hash32> hashes) {
      return List.of(new byte[] {1, 2, 3});
    }
  }

  private static final class Gaps extends LedgerPeer {
    Gaps() {
      super("gaps");
    }

    @Override
    public List<Header> headers(long from, int count) throws PeerException {
      List<Header> all = new ArrayList<>(super.headers(from, count));
      if (all.size() > 2) {
        all.remove(1);
      }
      return all;
    }
  }

  private static final class InvalidHeaders extends LedgerPeer {
    private final Map<Hash32, Hash32> originals = new ConcurrentHashMap<>();

    InvalidHeaders() {
      super("invalid headers");
    }

    @Override
    public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
      return super.bodies(hashes.stream().map(hash -> originals.getOrDefault(hash, hash)).toList());
    }

    @Override
    public List<Header> headers(long from, int count) throws PeerException {
      List<Header> all = new ArrayList<>();
      Header before = null;
      for (Header header : super.headers(from, count)) {
        Header.Builder changed = header.toBuilder();
        changed.gasUsed(header.gasUsed() + 1);
        changed.parentHash(before == null ? header.parentHash() : before.hash());
        before = count == 1 ? header : changed.build();
        originals.put(before.hash(), header.hash());
        all.add(before);
      }
      return all;
    }
  }

  /// Goes on after the head with blocks that are like it.
  private static final class Endless extends LedgerPeer {
    private final List<Header> made = new ArrayList<>(List.of(source.head()));
    private final Set<Hash32> hashes = ConcurrentHashMap.newKeySet();

    Endless() {
      super("endless");
    }

    @Override
    long claims() {
      return 1 << 20;
    }

    @Override
    public synchronized List<Header> headers(long from, int count) throws PeerException {
      List<Header> all = new ArrayList<>(super.headers(from, count));
      for (long number = from + all.size(); all.size() < count; number++) {
        int at = (int) (number - source.head().number());
        while (made.size() <= at) {
          Header before = made.getLast();
          Header.Builder next = before.toBuilder().number(before.number() + 1);
          made.add(next.parentHash(before.hash()).build());
          hashes.add(made.getLast().hash());
        }
        all.add(made.get(at));
      }
      return all;
    }

    @Override
    public List<byte[]> bodies(List<Hash32> asked) throws PeerException {
      Hash32 like = source.head().hash();
      return super.bodies(asked.stream().map(h -> hashes.contains(h) ? like : h).toList());
    }
  }

  /// Has less than it says.
  private static final class Stale extends LedgerPeer {
    Stale() {
      super("stale");
    }

    @Override
    public List<Header> headers(long from, int count) throws PeerException {
      return super.headers(from, count).stream().filter(h -> h.number() <= 20).toList();
    }
  }

  /// Its bodies do not come to an end before they are cancelled.
  private static final class Trickling extends LedgerPeer {
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean interrupted;

    Trickling() {
      super("trickling");
    }

    @Override
    public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
      asked.countDown();
      try {
        cancelled.await(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
      ended.countDown();
      throw PeerException.unavailable("too slow", null);
    }

    @Override
    public void cancelBodies() {
      cancelled.countDown();
    }

    void awaitAsked() throws PeerException {
      try {
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw PeerException.unavailable("interrupted", e);
      }
    }
  }
}
