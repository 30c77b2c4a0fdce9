package io.semper.chain.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.importer.Ledger;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// A peer that answers truly from the source, unless a test says otherwise.
class LedgerPeer implements SyncPeer {
  final AtomicInteger headersServed = new AtomicInteger();
  final AtomicInteger bodiesServed = new AtomicInteger();
  final CountDownLatch served = new CountDownLatch(1);
  final CountDownLatch gone = new CountDownLatch(1);
  volatile String disconnected;
  private final String id;
  private final Ledger source;
  private final ChainAnswers answers;

  LedgerPeer(String id, Ledger source) {
    this.id = id;
    this.source = source;
    answers = new ChainAnswers(source, null, SyncLimits.DEFAULT);
  }

  Header sourceHead() {
    return source.head();
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
    return sourceHead().number();
  }

  private static void await(CountDownLatch latch) throws PeerException {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw PeerException.unavailable("interrupted", e);
    }
  }

  void awaitServed() throws InterruptedException {
    assertThat(served.await(60, TimeUnit.SECONDS)).isTrue();
  }

  @Override
  public void cancelHeaders() {
    // It answers at once.
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

  static final class OtherBodies extends LedgerPeer {
    OtherBodies(Ledger source) {
      super("other bodies", source);
    }

    @Override
    public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
      return Collections.nCopies(
          hashes.size(), super.bodies(List.of(sourceHead().hash())).getFirst());
    }
  }

  static final class NoBodies extends LedgerPeer {
    NoBodies(Ledger source) {
      super("no bodies", source);
    }

    @Override
    public List<byte[]> bodies(List<Hash32> hashes) {
      return List.of(new byte[] {1, 2, 3});
    }
  }

  /// Has headers and nothing else.
  static class Bodiless extends LedgerPeer {
    Bodiless(Ledger source) {
      super("bodiless", source);
    }

    @Override
    public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
      return List.of();
    }
  }

  static final class Gaps extends LedgerPeer {
    Gaps(Ledger source) {
      super("gaps", source);
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

  /// Headers that follow each other, of blocks that do not exist.
  static class MadeUp extends LedgerPeer {
    final AtomicLong asked = new AtomicLong();
    private final List<Header> chain = new ArrayList<>();
    private final long mayLead;

    /// @param mayLead number of the header up to which it gives no body
    MadeUp(Ledger source, int extraBytes, long mayLead) {
      super("made up", source);
      this.mayLead = mayLead;
      chain.add(source.header(0).orElseThrow());
      for (long number = 1; number <= claims(); number++) {
        Header.Builder next = source.header(number).orElseThrow().toBuilder();
        chain.add(
            next.parentHash(chain.getLast().hash())
                .gasUsed(1)
                .extraData(new byte[extraBytes])
                .build());
      }
    }

    @Override
    public List<Header> headers(long from, int count) {
      List<Header> rest = chain.subList((int) Math.min(from, chain.size()), chain.size());
      asked.accumulateAndGet(from + count - 1, Math::max);
      if (asked.get() >= mayLead) {
        served.countDown();
      }
      return rest.subList(0, Math.min(count, rest.size()));
    }

    /// Not before it has led as far as a session goes without bodies.
    @Override
    public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
      await(served);
      return List.of();
    }
  }

  static final class InvalidHeaders extends LedgerPeer {
    private final Map<Hash32, Hash32> originals = new ConcurrentHashMap<>();

    InvalidHeaders(Ledger source) {
      super("invalid headers", source);
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
  static final class Endless extends LedgerPeer {
    private final List<Header> made = new ArrayList<>(List.of(sourceHead()));
    private final Set<Hash32> hashes = ConcurrentHashMap.newKeySet();

    Endless(Ledger source) {
      super("endless", source);
    }

    @Override
    long claims() {
      return 1 << 20;
    }

    @Override
    public synchronized List<Header> headers(long from, int count) throws PeerException {
      List<Header> all = new ArrayList<>(super.headers(from, count));
      for (long number = from + all.size(); all.size() < count; number++) {
        int at = (int) (number - sourceHead().number());
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
      Hash32 like = sourceHead().hash();
      return super.bodies(asked.stream().map(h -> hashes.contains(h) ? like : h).toList());
    }
  }

  /// Has less than it says.
  static final class Stale extends LedgerPeer {
    Stale(Ledger source) {
      super("stale", source);
    }

    @Override
    public List<Header> headers(long from, int count) throws PeerException {
      return super.headers(from, count).stream().filter(h -> h.number() <= 20).toList();
    }
  }

  /// Gives headers up to a block, and then none before they are cancelled.
  static final class Stalling extends LedgerPeer {
    private final long last;
    private final CountDownLatch stalls = new CountDownLatch(1);
    final CountDownLatch cancelled = new CountDownLatch(1);

    Stalling(Ledger source, long last) {
      super("stalling", source);
      this.last = last;
    }

    @Override
    public List<Header> headers(long from, int count) throws PeerException {
      if (from <= last) {
        return super.headers(from, count).stream().filter(h -> h.number() <= last).toList();
      }
      stalls.countDown();
      await(cancelled);
      throw PeerException.unavailable("cancelled", null);
    }

    @Override
    public void cancelHeaders() {
      cancelled.countDown();
    }

    void awaitStall() throws PeerException {
      await(stalls);
    }
  }

  /// Its bodies do not come to an end before they are cancelled.
  static final class Trickling extends LedgerPeer {
    private final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch cancelled = new CountDownLatch(1);
    final CountDownLatch ended = new CountDownLatch(1);
    volatile boolean interrupted;

    Trickling(Ledger source) {
      super("trickling", source);
    }

    @Override
    public List<byte[]> bodies(List<Hash32> hashes) throws PeerException {
      asked.countDown();
      try {
        cancelled.await(60, TimeUnit.SECONDS);
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
      await(asked);
    }
  }
}
