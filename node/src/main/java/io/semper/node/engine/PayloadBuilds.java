package io.semper.node.engine;

import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.chain.producer.BlockBuilder.Built;
import io.semper.core.bytes.Hash32;
import io.semper.core.fork.Fork;
import io.semper.core.types.BlobSidecar;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView.Subscription;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.rpc.engine.PayloadAttributes;
import io.semper.rpc.engine.PayloadId;
import io.semper.rpc.engine.PayloadSource;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Payloads in the making. An empty one is there at once; a thread then fills it and builds again
/// whenever the pool has changed, and keeps what earns most, until it is fetched, another one is
/// asked for, or its slot is over.
public final class PayloadBuilds implements PayloadSource, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PayloadBuilds.class);
  private static final byte[] EXTRA_DATA = "semper".getBytes(StandardCharsets.US_ASCII);

  /// Payloads that can be fetched; the oldest are forgotten.
  private static final int MAX_BUILDS = 16;

  /// How long after a payload's time it is improved: a slot of the main network.
  private static final long SLOT_MILLIS = 12_000;

  /// How long a payload is improved at most, whatever its time.
  private static final long MAX_MILLIS = 60_000;

  /// Least time between two builds, so that a busy pool does not take a processor.
  private static final long PAUSE_MILLIS = 100;

  /// How long fetching waits for a build in work; callers wait a second.
  private static final long FETCH_MILLIS = 500;

  private final BlockBuilder builder;
  private final TxPool pool;
  private final long gasLimit;
  private final Clock clock;
  private final LinkedHashMap<PayloadId, Build> builds = new LinkedHashMap<>();
  private Build improving;

  /// @param gasLimit wanted for blocks
  public PayloadBuilds(BlockBuilder builder, TxPool pool, long gasLimit, Clock clock) {
    this.builder = builder;
    this.pool = pool;
    this.gasLimit = gasLimit;
    this.clock = clock;
  }

  @Override
  public PayloadId begin(Header parent, PayloadAttributes attributes) {
    PayloadId id = attributes.id(parent.hash());
    synchronized (this) {
      if (builds.containsKey(id)) {
        return id;
      }
    }
    Build build = new Build(parent, attributes);
    synchronized (this) {
      if (builds.putIfAbsent(id, build) != null) {
        return id;
      }
      if (builds.size() > MAX_BUILDS) {
        builds.pollFirstEntry().getValue().stop();
      }
      if (improving != null) {
        improving.stop();
      }
      improving = build;
    }
    Thread.ofVirtual().name("payload").start(build::improve);
    return id;
  }

  @Override
  public Optional<BuiltPayload> fetch(PayloadId id) throws InterruptedException {
    Build build = build(id);
    if (build == null) {
      return Optional.empty();
    }
    build.stop();
    if (!build.done.await(FETCH_MILLIS, TimeUnit.MILLISECONDS)) {
      LOG.warn("payload {} is fetched while it is being improved", id);
    }
    return Optional.of(build.best);
  }

  private synchronized Build build(PayloadId id) {
    return builds.get(id);
  }

  /// One payload in the making.
  private final class Build {
    private final Header parent;
    private final BlockBuilder.Attributes attributes;
    private final Fork fork;

    // A permit for each reason to look at the pool again.
    private final Semaphore reasons = new Semaphore(0);
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile BuiltPayload best;

    Build(Header parent, PayloadAttributes wanted) {
      this.parent = parent;
      attributes =
          new BlockBuilder.Attributes(
              wanted.timestamp(),
              wanted.suggestedFeeRecipient(),
              wanted.prevRandao(),
              wanted.parentBeaconBlockRoot(),
              wanted.withdrawals(),
              gasLimit,
              EXTRA_DATA,
              null);
      fork = builder.fork(parent, wanted.timestamp());
      best = payload(builder.build(parent, attributes, List.of()), Map.of());
    }

    /// Ends after a last look at the pool.
    void stop() {
      stop.countDown();
      reasons.release();
    }

    void improve() {
      long began = clock.millis();
      long slotSeconds = Math.clamp(attributes.timestamp(), 0, (began + MAX_MILLIS) / 1000);
      long end = Math.min(slotSeconds * 1000 + SLOT_MILLIS, began + MAX_MILLIS);
      try (Subscription _ = pool.onPending(transaction -> reasons.release())) {
        long builtFrom = -1;
        boolean last;
        do {
          last = stop.getCount() == 0 || clock.millis() >= end;
          reasons.drainPermits();
          long before = System.nanoTime();
          long version = pool.version();
          if (version != builtFrom) {
            buildOnce();
            builtFrom = version;
          }
          long tookMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
          if (!last && !stop.await(Math.max(PAUSE_MILLIS, tookMillis), TimeUnit.MILLISECONDS)) {
            reasons.tryAcquire(Math.max(0, end - clock.millis()), TimeUnit.MILLISECONDS);
          }
        } while (!last);
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
      } catch (HistoryUnavailableException gone) {
        LOG.debug("payload on block {} is given up: {}", parent.number(), gone.getMessage());
      } catch (RuntimeException | Error bug) {
        // The thread's top: what was built before stays.
        LOG.error("cannot build a payload on block {}", parent.number(), bug);
      } finally {
        done.countDown();
      }
    }

    private void buildOnce() {
      Map<Hash32, BlobSidecar> sidecars = new HashMap<>();
      Built built = builder.build(parent, attributes, candidates(sidecars));
      if (best.block().transactions().isEmpty() || built.fees().compareTo(best.value()) > 0) {
        best = payload(built, sidecars);
      }
    }

    /// The pool's executable transactions, those with blobs only with the proofs this fork has.
    private List<List<Transaction>> candidates(Map<Hash32, BlobSidecar> sidecars) {
      int version = fork.atLeast(Fork.OSAKA) ? 1 : 0;
      List<List<Transaction>> candidates = new ArrayList<>();
      for (List<Transaction> ofSender : pool.executable()) {
        int usable = 0;
        while (usable < ofSender.size() && usable(ofSender.get(usable), version, sidecars)) {
          usable++;
        }
        if (usable > 0) {
          candidates.add(ofSender.subList(0, usable));
        }
      }
      return candidates;
    }

    private boolean usable(
        Transaction transaction, int version, Map<Hash32, BlobSidecar> sidecars) {
      if (transaction.type() != 3) {
        return true;
      }
      Hash32 hash = transaction.hash();
      Optional<BlobSidecar> sidecar =
          pool.transaction(hash)
              .map(PooledTransaction::sidecar)
              .filter(found -> found.version() == version);
      sidecar.ifPresent(found -> sidecars.put(hash, found));
      return sidecar.isPresent();
    }

    private BuiltPayload payload(Built built, Map<Hash32, BlobSidecar> sidecars) {
      List<BlobSidecar> included = new ArrayList<>();
      for (Transaction transaction : built.block().transactions()) {
        if (transaction.type() == 3) {
          included.add(sidecars.get(transaction.hash()));
        }
      }
      return new BuiltPayload(built.block(), built.fees(), included, built.requests());
    }
  }

  @Override
  public synchronized void close() {
    builds.values().forEach(Build::stop);
    builds.clear();
  }
}
