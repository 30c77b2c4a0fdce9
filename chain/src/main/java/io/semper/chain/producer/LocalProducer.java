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
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Seals the blocks of a development chain: as soon as a transaction is executable, or at a fixed
/// interval. There is no consensus to ask.
///
/// Its one thread builds a block, has it imported, and only then looks at the pool again.
public final class LocalProducer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalProducer.class);
  private static final byte[] EXTRA_DATA = {'s', 'e', 'm', 'p', 'e', 'r'};

  private final ChainView chain;
  private final TxPool pool;
  private final BlockBuilder builder;
  private final Settings settings;
  private final Sink sink;
  private final Clock clock;
  private final Semaphore work = new Semaphore(0);
  private final Subscription pending;
  private final Thread thread;
  private volatile boolean closing;

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
  public static BlockBuilder.Attributes attributes(
      Header parent, Settings settings, Clock clock) {
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
    try {
      if (instant && !pool.executable().isEmpty()) {
        work.release();
      }
      while (!closing) {
        if (instant) {
          work.acquire();
          work.drainPermits();
        } else if (work.tryAcquire(Math.max(0, next - clock.millis()), TimeUnit.MILLISECONDS)) {
          continue;
        } else {
          next += settings.blockMillis();
        }
        if (!closing) {
          produce(instant);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("producer interrupted");
    }
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
    } while (whileExecutable && !closing);
  }

  /// Seals one block now, empty or not.
  public void mine() throws InterruptedException {
    Header head = chain.head();
    sink.importBlock(
        builder.build(head, attributes(head, settings, clock), pool.executable()));
  }

  @Override
  public void close() {
    closing = true;
    pending.close();
    work.release();
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
