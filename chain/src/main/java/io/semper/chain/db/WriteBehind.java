package io.semper.chain.db;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// A store behind which a thread applies the batches that need not be synced, in their order: who
/// imports many blocks goes on with the next one meanwhile. Readers see what waits.
///
/// Batches that follow each other quickly are applied several at once, as one: a fifth of what a
/// block writes, the upper nodes of the tries most of all, is overwritten by the next ones.
///
/// The end of the process may take the last [#MAX_WAITING] batches that were not synced, never one
/// without all after it. A batch that is to be synced is applied by who writes it, after all
/// before.
///
/// After a failed write nothing is written or read in order any more: who wrote the batch has gone
/// on, and would build on what is not there.
public final class WriteBehind extends ForwardingStore {
  /// Batches that wait or are being applied: one of each block.
  public static final int MAX_WAITING = 16;

  /// Batches that are applied without waiting for more to apply them with. With twice as many an
  /// import takes as much time, with one 7 % more.
  static final int GATHERED = 8;

  /// How long fewer wait for more.
  private static final long GATHERING_MILLIS = 500;

  /// Bytes of their keys and values, or one batch.
  static final long MAX_WAITING_BYTES = 64L << 20;

  /// As many bytes are applied without waiting for more; as many again may come meanwhile.
  private static final long GATHERED_BYTES = MAX_WAITING_BYTES / 2;

  private static final byte[] REMOVED = new byte[0];

  /// Oldest first. Replaced as a whole, under the lock; read without it.
  private volatile Waiting[] waiting = {};

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private long waitingBytes;
  private StorageException failed;
  private boolean closed;

  /// Callers that wait for what waits to be applied.
  private int held;

  /// @param values by key what the batch leaves behind, [#REMOVED] for nothing
  private record Waiting(WriteBatch batch, Map<MemoryStore.Key, byte[]> values) {
    static Waiting of(WriteBatch batch) {
      Map<MemoryStore.Key, byte[]> values = HashMap.newHashMap(batch.size());
      batch.forEach(
          (key, value) -> values.put(new MemoryStore.Key(key), value == null ? REMOVED : value));
      return new Waiting(batch, values);
    }
  }

  /// @param store closed with this
  public WriteBehind(KeyValueStore store) {
    super(store);
    Thread.ofPlatform().daemon().name("write behind").start(this::applyForever);
  }

  @Override
  public byte[] get(byte[] key) {
    Waiting[] now = waiting;
    if (now.length > 0) {
      MemoryStore.Key wanted = new MemoryStore.Key(key);
      for (int i = now.length - 1; i >= 0; i--) {
        byte[] value = now[i].values().get(wanted);
        if (value != null) {
          return value == REMOVED ? null : value;
        }
      }
    }
    return store.get(key);
  }

  @Override
  public void write(WriteBatch batch, boolean sync) {
    lock.lock();
    try {
      if (sync || closed) {
        drain();
        store.write(batch, sync);
      } else {
        enqueue(Waiting.of(batch));
      }
    } finally {
      lock.unlock();
    }
  }

  private void enqueue(Waiting added) {
    long bytes = added.batch().bytes();
    hold(() ->
        waiting.length > 0
            && (waiting.length == MAX_WAITING || waitingBytes + bytes > MAX_WAITING_BYTES));
    checkNotFailed();
    Waiting[] now = Arrays.copyOf(waiting, waiting.length + 1);
    now[waiting.length] = added;
    waiting = now;
    waitingBytes += bytes;
    changed.signalAll();
  }

  /// Waits until everything written is in the store.
  private void drain() {
    hold(() -> waiting.length > 0);
    checkNotFailed();
  }

  private void hold(BooleanSupplier whileTrue) {
    held++;
    changed.signalAll();
    while (failed == null && whileTrue.getAsBoolean()) {
      changed.awaitUninterruptibly();
    }
    held--;
  }

  private void checkNotFailed() {
    if (failed != null) {
      throw StorageException.after(failed);
    }
  }

  private void applyForever() {
    for (Waiting[] next = next(); next.length > 0; next = next()) {
      StorageException why = null;
      try {
        store.write(together(next), false);
      } catch (StorageException e) {
        why = e;
      } catch (RuntimeException | Error e) {
        why = new StorageException("a write failed: " + e, e);
      }
      if (why != null) {
        fail(why);
        return;
      }
      applied(next);
    }
  }

  private static WriteBatch together(Waiting[] batches) {
    if (batches.length == 1) {
      return batches[0].batch();
    }
    WriteBatch all = new WriteBatch();
    for (Waiting each : batches) {
      all.add(each.batch());
    }
    return all;
  }

  /// What waits; nothing at the end.
  private Waiting[] next() {
    lock.lock();
    try {
      while (waiting.length == 0 && !closed) {
        changed.awaitUninterruptibly();
      }
      gather();
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until there are enough, somebody waits for them, or it has been long enough.
  private void gather() {
    long nanos = TimeUnit.MILLISECONDS.toNanos(GATHERING_MILLIS);
    try {
      while (waiting.length < GATHERED
          && waitingBytes < GATHERED_BYTES
          && held == 0
          && !closed
          && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt; what has been gathered is applied.
    }
  }

  private void applied(Waiting[] first) {
    lock.lock();
    try {
      waiting = Arrays.copyOfRange(waiting, first.length, waiting.length);
      for (Waiting each : first) {
        waitingBytes -= each.batch().bytes();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fail(StorageException why) {
    lock.lock();
    try {
      failed = why;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Cursor cursor() {
    lock.lock();
    try {
      drain();
      return store.cursor();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        drain();
      }
    } finally {
      closed = true;
      changed.signalAll();
      try {
        store.close();
      } finally {
        lock.unlock();
      }
    }
  }
}
