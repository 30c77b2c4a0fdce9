package io.semper.chain.producer;

import io.semper.chain.pool.TxPool;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.Subscription;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Seals the blocks of a development chain: as soon as a transaction is executable, or at a fixed
/// interval. There is no consensus to ask.
///
/// Its one thread builds a block, has it imported, and only then looks at the pool again. Where
/// that fails, be it by a bug or because nothing can be stored, it says so ([#problem]) and tries
/// again after a while: a chain must not stand still unnoticed.
public final class LocalProducer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalProducer.class);
  private static final byte[] EXTRA_DATA = {'s', 'e', 'm', 'p', 'e', 'r'};

  /// Wait after a first failure; doubles with each further one.
  private static final long FIRST_RETRY_MILLIS = 500;

  private static final long MAX_RETRY_MILLIS = 60_000;

  /// How long closing waits for the block in work.
  private static final long CLOSE_MILLIS = 10_000;

  private final ChainView chain;
  private final TxPool pool;
  private final BlockBuilder builder;
  private final Settings settings;
  private final Sink sink;
  private final Clock clock;
  private final Semaphore work = new Semaphore(0);
  private final Subscription pending;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private volatile Throwable failure;

  /// @param blockMillis interval between blocks, 0 for a block per transaction as it comes
  public record Settings(Address beneficiary, long gasLimit, long blockMillis) {}

  /// Takes finished blocks into the chain.
  public interface Sink {
    /// Returns once the block is imported and durable.
    void importBlock(BlockBuilder.Built built) throws InterruptedException;
  }

  public LocalProducer(
      ChainView chain,
      TxPool pool,
      BlockBuilder builder,
      Settings settings,
      Sink sink,
      Clock clock) {
    this.chain = chain;
    this.pool = pool;
    this.builder = builder;
    this.settings = settings;
    this.sink = sink;
    this.clock = clock;
    pending = pool.onPending(transaction -> work.release());
    thread = Thread.ofPlatform().name("produce").start(this::run);
  }

  /// What the next block on top of `parent` has, if it is made now. Times always rise, so a chain
  /// that seals faster than one block a second runs ahead of the clock.
  public static BlockBuilder.Attributes attributes(Header parent, Settings settings, Clock clock) {
    long now = clock.millis() / 1000;
    return new BlockBuilder.Attributes(
        Math.max(now, parent.timestamp() + 1),
        settings.beneficiary(),
        Keccak.hash(parent.hash().toBytes()),
        Hash32.ZERO,
        List.of(),
        settings.gasLimit(),
        EXTRA_DATA);
  }

  private void run() {
    boolean instant = settings.blockMillis() == 0;
    long next = clock.millis() + settings.blockMillis();
    long retryMillis = FIRST_RETRY_MILLIS;
    if (instant) {
      work.release(); // what an earlier run left in the pool
    }
    try {
      while (!closing()) {
        if (instant) {
          work.acquire();
        } else {
          long now = clock.millis();
          // A clock set back must not stop the chain for as long.
          long wait = Math.clamp(next - now, 0, settings.blockMillis());
          if (closed.await(wait, TimeUnit.MILLISECONDS)) {
            return;
          }
          next = following(next, clock.millis(), settings.blockMillis());
        }
        work.drainPermits();
        try {
          produce(instant);
          failure = null;
          retryMillis = FIRST_RETRY_MILLIS;
        } catch (RuntimeException | Error e) {
          // The thread's top.
          failure = e;
          LOG.error(
              "cannot seal a block on block {}, trying again in {} ms",
              chain.head().number(),
              retryMillis,
              e);
          closed.await(retryMillis, TimeUnit.MILLISECONDS);
          retryMillis = Math.min(2 * retryMillis, MAX_RETRY_MILLIS);
          work.release();
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("producer interrupted");
    }
  }

  /// When the block after the one due at `due` is. Blocks that were missed, because the machine
  /// slept or sealing takes longer than the interval, are not made up for: their times would run
  /// ahead of the clock. A clock set back starts the interval anew.
  static long following(long due, long now, long blockMillis) {
    return (Math.abs(now - due) > blockMillis ? now : due) + blockMillis;
  }

  private boolean closing() {
    return closed.getCount() == 0;
  }

  /// Why no block can be sealed; empty while all is well. Answers at once.
  public Optional<String> problem() {
    Throwable last = failure;
    return last == null ? Optional.empty() : Optional.of("cannot seal blocks: " + last);
  }

  /// Seals until nothing is left that fits a block of its own.
  private void produce(boolean whileExecutable) throws InterruptedException {
    do {
      Header head = chain.head();
      BlockBuilder.Built built =
          builder.build(head, attributes(head, settings, clock), pool.executable());
      Block block = built.block();
      if (whileExecutable && block.transactions().isEmpty()) {
        return;
      }
      sink.importBlock(built);
      LOG.info(
          "sealed block {} {} with {} transactions, {} gas",
          block.header().number(),
          block.header().hash(),
          block.transactions().size(),
          block.header().gasUsed());
    } while (whileExecutable && !closing());
  }

  @Override
  public void close() {
    closed.countDown();
    pending.close();
    work.release();
    try {
      if (!thread.join(Duration.ofMillis(CLOSE_MILLIS))) {
        LOG.warn("the block in work is not done after {} ms, closing without it", CLOSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
