package io.semper.chain.producer;

import io.semper.chain.pool.TxPool;
import io.semper.core.bytes.Address;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.Subscription;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Seals the blocks of a development chain: as soon as a transaction is executable, at a fixed
/// interval, or when told to. There is no consensus to ask.
///
/// Its one thread builds a block, has it imported, and only then looks at the pool again; whoever
/// changes the chain by other means does so on this thread too ([#call]). Where sealing fails, be
/// it by a bug or because nothing can be stored, it says so ([#problem]) and tries again after a
/// while: a chain must not stand still unnoticed.
public final class LocalProducer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LocalProducer.class);

  /// Wait after a first failure; doubles with each further one.
  private static final long FIRST_RETRY_MILLIS = 500;

  private static final long MAX_RETRY_MILLIS = 60_000;

  /// How long closing waits for the block in work.
  private static final long CLOSE_MILLIS = 5_000;

  /// How long anybody waits for the block of what was submitted; sealing may fail.
  private static final long SETTLE_MILLIS = 2_000;

  /// Callers that wait for their turn; more have to wait to be let in.
  private static final int MAX_QUEUED_CALLS = 1024;

  private final ChainView chain;
  private final TxPool pool;
  private final BlockBuilder builder;
  private final Choices choices;
  private final Sink sink;
  private final Clock clock;
  private final Semaphore work = new Semaphore(0);
  private final BlockingQueue<Call<?>> calls = new ArrayBlockingQueue<>(MAX_QUEUED_CALLS);
  private final Subscription pending;
  private final AtomicLong submitted = new AtomicLong();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /// How many of those submitted have had their chance of a block.
  private volatile long settled;

  private volatile Throwable failure;

  /// @param blockMillis interval between blocks, 0 for a block per transaction as it comes
  public record Settings(Address beneficiary, long gasLimit, long blockMillis) {}

  /// Takes finished blocks into the chain.
  public interface Sink {
    /// Returns once the block is imported and durable.
    void importBlock(BlockBuilder.Built built) throws InterruptedException;
  }

  /// Work on the producer's thread.
  public interface Work<T> {
    T run() throws InterruptedException;
  }

  private static final class Call<T> {
    private final Supplier<Boolean> closing;
    private final Work<T> work;
    private final CountDownLatch done = new CountDownLatch(1);
    private T result;
    private RuntimeException failure;

    Call(Work<T> work, Supplier<Boolean> closing) {
      this.work = work;
      this.closing = closing;
    }

    void run() throws InterruptedException {
      try {
        result = work.run();
      } catch (RuntimeException e) {
        failure = e;
      } finally {
        done.countDown();
      }
    }

    T await() throws InterruptedException {
      while (!done.await(1, TimeUnit.SECONDS)) {
        if (closing.get()) {
          throw new IllegalStateException("the producer is closed");
        }
      }
      if (failure != null) {
        throw failure;
      }
      return result;
    }
  }

  public LocalProducer(
      ChainView chain, TxPool pool, BlockBuilder builder, Choices choices, Sink sink, Clock clock) {
    this.chain = chain;
    this.pool = pool;
    this.builder = builder;
    this.choices = choices;
    this.sink = sink;
    this.clock = clock;
    pending = pool.onPending(transaction -> work.release());
    thread = Thread.ofPlatform().name("produce").start(this::run);
  }

  /// Runs `work` between two blocks, after those that are due, and returns what it returned or
  /// throws what it threw.
  public <T> T call(Work<T> work) throws InterruptedException {
    Call<T> call = new Call<>(work, () -> !thread.isAlive());
    calls.put(call);
    this.work.release();
    return call.await();
  }

  /// Says that a transaction is in the pool now, for whose block [#settle] waits.
  void submitted() {
    submitted.incrementAndGet();
  }

  /// Whether nothing that was submitted waits for a block that is sealed at once. So it is while
  /// sealing fails, since there is nothing to wait for.
  boolean isSettled() {
    return settled >= submitted.get() || failure != null || !choices.saved().automine();
  }

  /// Waits until what was submitted is in a block, where blocks are sealed at once. Not for long;
  /// then the block comes later.
  void settle() {
    if (isSettled()) {
      return;
    }
    Call<Void> call = new Call<>(() -> null, () -> false);
    if (!calls.offer(call)) {
      return;
    }
    work.release();
    try {
      call.done.await(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long interval = choices.saved().blockMillis();
    long due = clock.millis() + interval;
    long retryMillis = FIRST_RETRY_MILLIS;
    work.release(); // what an earlier run left in the pool
    try {
      while (!closing()) {
        if (interval == 0) {
          work.acquire();
        } else {
          long now = clock.millis();
          if (due - now > interval) {
            due = now + interval; // a clock set back must not stop the chain for as long
          }
          work.tryAcquire(Math.max(0, due - now), TimeUnit.MILLISECONDS);
        }
        work.drainPermits();
        try {
          runCalls();
          if (interval != choices.saved().blockMillis()) {
            interval = choices.saved().blockMillis();
            due = clock.millis() + interval;
          } else if (interval != 0 && clock.millis() >= due && !closing()) {
            due = following(due, clock.millis(), interval);
            seal();
          }
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

  /// Those that wait, after the blocks with all that was executable when they came. They stay in
  /// the queue while sealing may fail; those that come meanwhile wait for the next block.
  private void runCalls() throws InterruptedException {
    int waiting;
    do {
      waiting = calls.size();
      long seen = submitted.get();
      sealExecutable();
      settled = seen;
      for (int i = 0; i < waiting; i++) {
        calls.remove().run();
      }
    } while (waiting > 0);
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

  /// Where blocks are sealed at once: as many as it takes for what is executable now, or until
  /// nothing is left that fits a block of its own.
  private void sealExecutable() throws InterruptedException {
    int left = 1;
    while (left > 0 && choices.saved().automine() && !closing() && pool.hasExecutable()) {
      List<List<Transaction>> executable = pool.executable();
      BlockBuilder.Built built = build(executable);
      int included = built.block().transactions().size();
      if (included == 0) {
        return;
      }
      take(built);
      left = executable.stream().mapToInt(List::size).sum() - included;
    }
  }

  /// Seals one block with what is executable, empty where nothing is. For [#call].
  public Header seal() throws InterruptedException {
    BlockBuilder.Built built = build(pool.executable());
    take(built);
    return built.block().header();
  }

  private BlockBuilder.Built build(List<List<Transaction>> executable) {
    Header head = chain.head();
    return builder.build(head, choices.attributes(head), executable);
  }

  private void take(BlockBuilder.Built built) throws InterruptedException {
    Header header = built.block().header();
    sink.importBlock(built);
    choices.sealed(header);
    LOG.info(
        "sealed block {} {} with {} transactions, {} gas",
        header.number(),
        header.hash(),
        built.block().transactions().size(),
        header.gasUsed());
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
