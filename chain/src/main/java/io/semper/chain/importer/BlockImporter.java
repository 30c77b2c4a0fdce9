package io.semper.chain.importer;

import io.semper.chain.block.Violation;
import io.semper.chain.db.StorageException;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import io.semper.evm.state.StateDiff;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The thread that changes the ledger, behind a queue bounded in blocks and bytes.
///
/// Everybody else hands work in: blocks from files and peers, and choices of head. Senders of
/// queued blocks are recovered on other threads meanwhile. Results are told on the importing
/// thread. The local producer alone takes its turn on its own thread: to hand a small block over
/// costs more than to import it.
public final class BlockImporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BlockImporter.class);

  /// Enough to keep recovery of senders ahead of execution.
  private static final int MAX_QUEUED = 64;

  /// Payload of all queued blocks together; a larger block travels alone.
  private static final int MAX_QUEUED_KIB = 128 << 10;

  /// In bulk, how many blocks may be lost by a power failure; by the end of the process a few at
  /// most.
  private static final int BULK_SYNC_BLOCKS = 1024;

  private final Ledger ledger;
  private final SenderRecovery senders = new SenderRecovery();
  private volatile Function<Hash32, Optional<Transaction>> seen = hash -> Optional.empty();
  private final BlockingQueue<Job> queue = new ArrayBlockingQueue<>(MAX_QUEUED);
  private final Semaphore roomKib = new Semaphore(MAX_QUEUED_KIB, true);

  /// Whoever changes the ledger holds it, and takes what is queued only then.
  private final Lock turn = new ReentrantLock();

  /// Something is queued, or there is history to forget.
  private final Semaphore toDo = new Semaphore(0);

  private final Thread owner;
  private volatile boolean closing;
  private volatile boolean ended;
  private volatile RuntimeException failure;
  private int unsynced;

  /// @param abandoned called instead where the thread ends before it comes to the work
  private record Job(Runnable work, Runnable abandoned) {}

  public BlockImporter(Ledger ledger) {
    this.ledger = ledger;
    owner = Thread.ofPlatform().name("import").start(this::run);
  }

  public Ledger ledger() {
    return ledger;
  }

  /// From now on transactions of blocks that come in one by one are looked up here first: what is
  /// in the pool has shown its sender, which is most of what there is to do for a transfer.
  public void lookUpSenders(Function<Hash32, Optional<Transaction>> seen) {
    this.seen = seen;
  }

  /// Starts on the senders of a block that will be executed next, and returns.
  private void ahead(Block block) {
    for (Transaction transaction : block.transactions()) {
      if (!transaction.knowsSender()) {
        seen.apply(transaction.hash()).ifPresent(transaction::shareSender);
      }
    }
    senders.ahead(block);
  }

  /// Whether a block on top of the head is valid but for its seal: see [Ledger#check].
  public Optional<Violation> check(Block block) throws InterruptedException {
    ahead(block);
    return call(() -> ledger.check(block));
  }

  /// Imports a block and waits; what the result acknowledges survives a power failure.
  public ImportResult importBlock(Block block) throws InterruptedException {
    ahead(block);
    return call(() -> ledger.importBlock(block, true));
  }

  /// Imports a block that was built here: see [Ledger#importBuilt]. Where nothing is before it, on
  /// the caller's thread, which nobody may interrupt meanwhile.
  public ImportResult importBuilt(Block block, List<Receipt> receipts, StateDiff diff)
      throws InterruptedException {
    Supplier<ImportResult> work = () -> ledger.importBuilt(block, receipts, diff);
    if (!turn.tryLock()) {
      return call(work);
    }
    try {
      if (!closing && queue.isEmpty()) {
        return here(work);
      }
    } finally {
      turn.unlock();
    }
    return call(work);
  }

  private ImportResult here(Supplier<ImportResult> work) {
    try {
      ImportResult result = work.get();
      if (ledger.prune()) {
        toDo.release();
      }
      return result;
    } catch (RuntimeException | Error e) {
      fail(e);
      toDo.release();
      throw stopped();
    }
  }

  /// The same without following it: see [Ledger#addBlock].
  public ImportResult addBlock(Block block) throws InterruptedException {
    ahead(block);
    return call(() -> ledger.addBlock(block, true));
  }

  /// Hands in one block of many and returns as soon as the queue has room. `done` is called on the
  /// importing thread and must not block. [#flush] makes everything handed in durable.
  public void submit(Block block, Consumer<ImportResult> done) throws InterruptedException {
    int kib = Math.min(MAX_QUEUED_KIB, kibibytes(block));
    roomKib.acquire(kib);
    senders.ahead(block);
    ledger.headerRules().ahead(block.header());
    enqueue(
        new Job(
            () -> {
              roomKib.release(kib);
              done.accept(importInBulk(block));
            },
            () -> roomKib.release(kib)));
  }

  private ImportResult importInBulk(Block block) {
    boolean sync = ++unsynced >= BULK_SYNC_BLOCKS;
    ImportResult result = ledger.importBlock(block, sync);
    if (sync) {
      unsynced = 0;
    }
    return result;
  }

  /// Waits until everything handed in before has been worked off and would survive a power failure.
  public void flush() throws InterruptedException {
    call(() -> {
      ledger.flush();
      unsynced = 0;
      return ledger.head();
    });
  }

  /// See [Ledger#setForkchoice].
  public Ledger.ForkchoiceResult setForkchoice(Hash32 head, Hash32 safe, Hash32 finalized)
      throws InterruptedException {
    return call(() -> ledger.setForkchoice(head, safe, finalized));
  }

  /// Runs work on the importing thread and waits for its result, which is never `null`.
  ///
  /// @throws IllegalStateException where the importer is closed or has failed
  public <T> T call(Supplier<T> work) throws InterruptedException {
    AtomicReference<T> result = new AtomicReference<>();
    CountDownLatch done = new CountDownLatch(1);
    enqueue(
        new Job(
            () -> {
              result.set(work.get());
              done.countDown();
            },
            done::countDown));
    done.await();
    T value = result.get();
    if (value == null) {
      throw stopped();
    }
    return value;
  }

  /// Why nothing can be imported any more; empty while all is well. Answers at once.
  public Optional<String> problem() {
    return ended ? Optional.of(stopped().getMessage()) : Optional.empty();
  }

  private void enqueue(Job job) throws InterruptedException {
    if (closing) {
      job.abandoned().run();
      throw stopped();
    }
    queue.put(job);
    toDo.release();
    if (ended) {
      abandonQueued();
    }
  }

  private IllegalStateException stopped() {
    RuntimeException cause = failure;
    return cause == null
        ? new IllegalStateException("import is closed")
        : new IllegalStateException("import has stopped: " + cause.getMessage(), cause);
  }

  private static int kibibytes(Block block) {
    long bytes = 1024;
    for (Transaction transaction : block.transactions()) {
      bytes += 256 + transaction.data().length;
    }
    return (int) Math.min(Integer.MAX_VALUE, bytes / 1024);
  }

  private void run() {
    Job job = null;
    boolean toForget = true;
    try {
      while (!closing || !queue.isEmpty()) {
        if (!toForget && queue.isEmpty()) {
          toDo.acquire();
        }
        turn.lock();
        try {
          if (failure != null) {
            break;
          }
          job = queue.poll();
          if (job != null) {
            job.work().run();
            job = null;
          }
          // Old history goes a little after each job, and on while there is none.
          toForget = ledger.prune();
        } finally {
          turn.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      fail(e);
      if (job != null) {
        job.abandoned().run();
      }
    } finally {
      closing = true;
      ended = true;
      abandonQueued();
    }
  }

  /// The top of whoever's thread it was. What the ledger holds in memory can no longer be trusted,
  /// what it wrote can: opening it again is the way on.
  private void fail(Throwable e) {
    failure = e instanceof RuntimeException r ? r : new IllegalStateException(e);
    long head = ledger.head().number();
    if (e instanceof StorageException disk) {
      // Full or failing: the operator's to mend, and no trace helps him.
      LOG.error("import stops at block {}: {}", head, disk.getMessage());
    } else {
      LOG.error("import stops at block {}", head, e);
    }
    closing = true;
  }

  private void abandonQueued() {
    for (Job job = queue.poll(); job != null; job = queue.poll()) {
      job.abandoned().run();
    }
  }

  /// Works off what is queued, makes it durable and ends the thread. Closing twice is harmless.
  @Override
  public void close() {
    try {
      if (!closing) {
        flush();
        closing = true;
        toDo.release();
      }
      owner.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      senders.close();
    }
  }
}
