package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.HeaderVerifier.Verdict;
import io.semper.lightclient.upstream.Evidence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Follows the beacon chain by what several sources say. All are asked at once and everything that
/// verifies is applied, so the best answer wins, and one honest source is enough. Who is caught
/// saying what no honest source says is asked no more; who does not answer is left alone for a
/// while.
///
/// [#advance] belongs to one thread; what is known may be read from any, and updates that come
/// unasked be offered by any.
public final class BeaconFollower {
  /// For the other sources, once one has brought something new.
  private static final long PATIENCE_MILLIS = 250;

  /// For the other sources, once one has answered without fault, but nothing new.
  private static final long LONG_PATIENCE_MILLIS = 1_000;

  /// For one question to all sources.
  private static final long QUESTION_MILLIS = 2 * BeaconHttp.TIMEOUT_MILLIS;

  private static final int MAX_SOURCES = 64;

  /// Ranges of updates asked for in one [#advance]; more than the window needs of mainnet.
  private static final int MAX_RANGES = 64;

  private static final AtomicInteger FOLLOWERS = new AtomicInteger();

  private final SyncCommitteeVerifier verifier;
  private final ConsensusNetwork network;
  private final List<SourceRecord> sources = new CopyOnWriteArrayList<>();
  private final LongSupplier wallMillis;
  private final Consumer<Evidence> onLie;
  private final String threadPrefix;
  private final BlockingQueue<Reply> late = new LinkedBlockingQueue<>();
  private final Set<SourceRecord> witnesses = new HashSet<>();
  private Hash32 checkpoint;
  private volatile LightClientStore store;
  private long askedForCommitteeAtEpoch = -1;
  private long rounds;

  /// What a source answered to one question.
  private record Reply(
      SourceRecord from, long question, List<Claim<?>> claims, Exception failure) {}

  /// A question to a source.
  private interface Question {
    List<? extends Claim<?>> ask(BeaconSource source) throws IOException;
  }

  /// What became of an update that came without being asked for.
  public enum Offered {
    /// Proven, and news.
    BELIEVED,
    /// Old, early, or signed by too few; whoever sent it did nothing wrong.
    USELESS,
    /// No honest node would have sent it.
    REFUSED
  }

  /// A source as it is now.
  ///
  /// @param problem its last one, `null` for none
  public record Status(String source, boolean banned, String problem) {}

  /// @param wallMillis milliseconds since 1970
  /// @param onLie told of every lie, by the thread that advances or offers
  public BeaconFollower(
      ConsensusNetwork network,
      List<BeaconSource> sources,
      LongSupplier wallMillis,
      Consumer<Evidence> onLie) {
    if (sources.isEmpty() || sources.size() > MAX_SOURCES) {
      throw new IllegalArgumentException(
          sources.size() + " sources of beacon headers, 1 to " + MAX_SOURCES + " are needed");
    }
    this.network = network;
    verifier = new SyncCommitteeVerifier(network);
    sources.forEach(each -> this.sources.add(new SourceRecord(each, true)));
    this.wallMillis = wallMillis;
    this.onLie = onLie;
    threadPrefix = "light-beacon-" + FOLLOWERS.incrementAndGet() + "-";
  }

  /// Begins at a finalised block of this root, as soon as a source proves its committee.
  public void trust(Hash32 finalizedBlockRoot) {
    checkpoint = finalizedBlockRoot;
  }

  /// Goes on from what [#snapshot] gave.
  ///
  /// @throws MalformedInputException where it did not
  public void restore(byte[] snapshot) {
    store = LightClientStore.decode(snapshot, network.syncCommitteeSize());
  }

  /// What is believed, to go on from after a restart; changes with each finalised header.
  ///
  /// @return `null` before there is anything
  public byte[] snapshot() {
    LightClientStore now = store;
    return now == null ? null : now.encode();
  }

  /// The newest header the committee signed, `null` before there is one.
  public BeaconHead latest() {
    LightClientStore now = store;
    return now == null ? null : BeaconHead.of(network, now.optimisticHeader());
  }

  /// The newest finalised header, `null` before there is one.
  public BeaconHead finalized() {
    LightClientStore now = store;
    return now == null ? null : BeaconHead.of(network, now.finalizedHeader());
  }

  /// Asks one more from now on. Where that makes more than `most`, it takes the place of one that
  /// was added and does not answer, or lies.
  ///
  /// @return whether there was a place
  public boolean add(BeaconSource source, int most) {
    long now = wallMillis.getAsLong();
    synchronized (sources) {
      if (sources.size() >= Math.min(most, MAX_SOURCES)) {
        Optional<SourceRecord> worst =
            sources.stream().filter(each -> !each.named && each.isFailing(now)).findFirst();
        if (worst.isEmpty()) {
          return false;
        }
        sources.remove(worst.get());
      }
      sources.add(new SourceRecord(source, false));
      return true;
    }
  }

  /// What to tell beacon nodes of oneself.
  public BeaconStatus ownStatus() {
    LightClientStore now = store;
    long millis = wallMillis.getAsLong();
    return now == null
        ? BeaconStatus.atStart(network, millis)
        : BeaconStatus.of(network, now, millis);
  }

  /// How many sources named the newest header.
  public int witnesses() {
    synchronized (sources) {
      return witnesses.size();
    }
  }

  /// Whether what is believed is too old to go on from.
  public boolean isExpired() {
    LightClientStore now = store;
    return now != null && verifier.isExpired(now, wallMillis.getAsLong());
  }

  /// Questions asked so far, each one round trip.
  public long rounds() {
    return rounds;
  }

  public List<Status> status() {
    long now = wallMillis.getAsLong();
    synchronized (sources) {
      return sources.stream()
          .map(each -> new Status(each.source.name(), each.isBanned(now), each.problem()))
          .toList();
    }
  }

  /// Asks the sources for what is new and believes what is proven.
  ///
  /// @return whether anything changed
  /// @throws UnavailableException where what is trusted is too old to go on from, and while there
  ///   is nothing to be had to begin with; the message says why
  public boolean advance() {
    LightClientStore before = store;
    if (isAtStart(wallMillis.getAsLong())) {
      bootstrap();
    }
    catchUp();
    long epoch = network.epochAt(slot());
    if (epoch > network.epochAt(store.finalizedHeader().slot()) + 2) {
      askAll(source -> List.of(source.finalityUpdate()));
    }
    askAll(source -> List.of(source.optimisticUpdate()));
    return store != before;
  }

  private long slot() {
    return verifier.slotAt(wallMillis.getAsLong());
  }

  private boolean isAtStart(long now) {
    return store == null || verifier.isExpired(store, now);
  }

  private void bootstrap() {
    if (checkpoint == null) {
      throw new UnavailableException(
          store == null
              ? "no finalised block to begin with has been named: its root, from somebody you trust"
                  + " (/eth/v1/beacon/headers/finalized)"
              : verifier.expiry(store, wallMillis.getAsLong()));
    }
    Hash32 root = checkpoint;
    askAll(source -> List.of(source.bootstrap(root)));
    if (isAtStart(wallMillis.getAsLong())) {
      throw new UnavailableException(
          "nobody proves the sync committee of block " + root + ": " + problems());
    }
  }

  /// Learns the committees of the periods up to the present one and, from the beginning of each
  /// epoch on, of the next. While a period's first blocks are not yet final, its committee is the
  /// next one.
  private void catchUp() {
    for (int range = 0; range < MAX_RANGES; range++) {
      LightClientStore before = store;
      boolean nextKnown = before.isNextSyncCommitteeKnown();
      long period = network.periodAt(before.finalizedHeader().slot());
      long behind = network.periodAt(slot()) - period;
      if (behind <= 1 && nextKnown) {
        return;
      }
      if (behind <= 0) {
        long epoch = network.epochAt(slot());
        if (askedForCommitteeAtEpoch == epoch) {
          return;
        }
        askedForCommitteeAtEpoch = epoch;
      }
      long first = nextKnown ? period + 1 : period;
      long wanted = Math.max(period + behind - first + 1, 1);
      int count = (int) Math.min(wanted, BeaconSource.MAX_UPDATES);
      askAll(source -> source.updates(first, count));
      if (store == before) {
        return;
      }
    }
  }

  private String problems() {
    List<String> all = new ArrayList<>();
    for (SourceRecord each : sources) {
      all.add(each.source.name() + ": " + (each.problem() == null ? "silent" : each.problem()));
    }
    return String.join("; ", all);
  }

  /// Asks everybody who may be asked and takes what is proven, until all have answered or, after
  /// the first news, patience ends. Who is late is heard the next time.
  private void askAll(Question question) {
    drainLate();
    long number = ++rounds;
    long now = wallMillis.getAsLong();
    int open = 0;
    for (SourceRecord each : sources) {
      if (each.mayBeAsked(now)) {
        each.busy = true;
        Thread asking =
            new Thread(
                () -> late.add(answer(each, number, question)), threadPrefix + each.source.name());
        asking.setDaemon(true);
        asking.start();
        open++;
      }
    }
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(QUESTION_MILLIS);
    while (open > 0) {
      Reply reply = poll(end - System.nanoTime());
      if (reply == null) {
        return;
      }
      open -= reply.question == number ? 1 : 0;
      boolean news = take(reply);
      if (news || reply.from.problem() == null) {
        long patience = news ? PATIENCE_MILLIS : LONG_PATIENCE_MILLIS;
        end = Math.min(end, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience));
      }
    }
  }

  /// Judges an update somebody sent unasked, and believes it if it is proven. Who passes a lie on
  /// has not looked at it or has made it, and is asked no more. May be called by any thread.
  ///
  /// @param from for the evidence if it is a lie
  public Offered offer(String from, Claim<LightClientUpdate> claim) {
    long now = wallMillis.getAsLong();
    synchronized (sources) {
      if (store == null) {
        return Offered.USELESS;
      }
      return switch (verifier.verifyAt(store, claim.value(), now)) {
        case Verdict.Accepted<LightClientStore> accepted -> {
          believe(accepted.next());
          yield Offered.BELIEVED;
        }
        case Verdict.Unconnected<LightClientStore> useless -> Offered.USELESS;
        case Verdict.Expired<LightClientStore> expired -> Offered.USELESS;
        case Verdict.Refused<LightClientStore> refused -> {
          sources.stream()
              .filter(each -> each.source.speaksAs(from))
              .forEach(each -> each.lied(refused.reason(), now));
          onLie.accept(evidence(from, claim, refused.reason(), now));
          yield Offered.REFUSED;
        }
      };
    }
  }

  private static Evidence evidence(String from, Claim<?> claim, String why, long now) {
    byte[] said =
        Arrays.copyOf(claim.evidence(), Math.min(claim.evidence().length, Evidence.MAX_BYTES));
    byte[] asked = claim.value().getClass().getSimpleName().getBytes(StandardCharsets.UTF_8);
    return new Evidence(from, now, why, asked, said);
  }

  private void drainLate() {
    for (Reply reply = late.poll(); reply != null; reply = late.poll()) {
      take(reply);
    }
  }

  private Reply poll(long nanos) {
    try {
      return late.poll(Math.max(nanos, 0), TimeUnit.NANOSECONDS);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted");
    }
  }

  private static Reply answer(SourceRecord from, long number, Question question) {
    try {
      return new Reply(from, number, List.copyOf(question.ask(from.source)), null);
    } catch (IOException | RuntimeException failure) {
      return new Reply(from, number, List.of(), failure);
    }
  }

  /// Believes what is proven of a reply; whether that was anything new.
  private boolean take(Reply reply) {
    SourceRecord from = reply.from;
    long now = wallMillis.getAsLong();
    synchronized (sources) {
      from.busy = false;
      switch (reply.failure) {
        case null -> from.answered();
        case IOException unreachable -> from.failed(unreachable.toString(), now);
        case MalformedInputException unreadable -> from.failed(unreadable.getMessage(), now);
        default -> from.failed(reply.failure.toString(), now);
      }
      LightClientStore before = store;
      for (Claim<?> claim : reply.claims) {
        if (!take(from, claim, now)) {
          break;
        }
      }
      return store != before;
    }
  }

  /// Judges one claim; false if the others of its source are not worth looking at.
  private boolean take(SourceRecord from, Claim<?> claim, long now) {
    Verdict<LightClientStore> verdict =
        switch (claim.value()) {
          case LightClientUpdate update when store != null -> verifier.verifyAt(store, update, now);
          case LightClientBootstrap bootstrap when isAtStart(now) ->
              verifier.checkpoint(checkpoint, bootstrap, now);
          default -> new Verdict.Unconnected<>("too late");
        };
    switch (verdict) {
      case Verdict.Accepted<LightClientStore> accepted -> believe(accepted.next());
      case Verdict.Unconnected<LightClientStore> useless -> {
        if (!useless.reason().equals(SyncCommitteeVerifier.NOTHING_NEW)) {
          from.useless(useless.reason());
        }
      }
      case Verdict.Expired<LightClientStore> expired ->
          throw new UnavailableException(expired.reason());
      case Verdict.Refused<LightClientStore> refused -> {
        from.lied(refused.reason(), now);
        onLie.accept(evidence(from.source.name(), claim, refused.reason(), now));
        return false;
      }
    }
    if (store != null
        && claim.value() instanceof LightClientUpdate update
        && update.attestedHeader().beacon().equals(store.optimisticHeader().beacon())) {
      witnesses.add(from);
    }
    return true;
  }

  private void believe(LightClientStore next) {
    if (store == null || next.optimisticHeader() != store.optimisticHeader()) {
      witnesses.clear();
    }
    store = next;
  }
}
