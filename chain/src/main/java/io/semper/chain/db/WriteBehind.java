package io.semper.chain.db;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// A store behind which a thread applies the batches that need not be synced, in their order: who
/// imports many blocks goes on with the next one meanwhile. Readers see what waits.
///
/// The end of the process may take the last [#MAX_WAITING] batches that were not synced, never one
/// without all after it. A batch that is to be synced is applied by who writes it, after all
/// before.
///
/// After a failed write nothing is written or read in order any more: who wrote the batch has gone
/// on, and would build on what is not there.
public final class WriteBehind implements KeyValueStore {
  /// Batches that wait: one of each block.
  static final int MAX_WAITING = 4;

  /// Bytes of their keys and values, or one batch.
  static final long MAX_WAITING_BYTES = 64L << 20;

  private static final byte[] REMOVED = new byte[0];

  private final KeyValueStore store;

  /// Oldest first. Replaced as a whole, under the lock; read without it.
  private volatile Waiting[] waiting = {};

  // Guarded by this.
  private long waitingBytes;
  private StorageException failed;
  private boolean closed;

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
    this.store = store;
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
  public synchronized void write(WriteBatch batch, boolean sync) {
    if (sync || closed) {
      drain();
      store.write(batch, sync);
      return;
    }
    Waiting added = Waiting.of(batch);
    while (failed == null
        && waiting.length > 0
        && (waiting.length == MAX_WAITING || waitingBytes + batch.bytes() > MAX_WAITING_BYTES)) {
      waitForChange();
    }
    checkNotFailed();
    Waiting[] now = Arrays.copyOf(waiting, waiting.length + 1);
    now[waiting.length] = added;
    waiting = now;
    waitingBytes += batch.bytes();
    notifyAll();
  }

  /// Waits until everything written is in the store.
  private void drain() {
    while (failed == null && waiting.length > 0) {
      waitForChange();
    }
    checkNotFailed();
  }

  private void checkNotFailed() {
    if (failed != null) {
      throw new StorageException(
          "nothing is written after an earlier failure; restart once it is mended: "
              + failed.getMessage(),
          failed);
    }
  }

  private void waitForChange() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          wait();
          return;
        } catch (InterruptedException e) {
          interrupted = true; // a batch is written, or not, whole
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void applyForever() {
    for (Waiting next = next(); next != null; next = next()) {
      StorageException why = null;
      try {
        store.write(next.batch(), false);
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

  private synchronized Waiting next() {
    while (waiting.length == 0 && !closed) {
      waitForChange();
    }
    return waiting.length == 0 ? null : waiting[0];
  }

  private synchronized void applied(Waiting first) {
    waiting = Arrays.copyOfRange(waiting, 1, waiting.length);
    waitingBytes -= first.batch().bytes();
    notifyAll();
  }

  private synchronized void fail(StorageException why) {
    failed = why;
    notifyAll();
  }

  @Override
  public synchronized Cursor cursor() {
    drain();
    return store.cursor();
  }

  @Override
  public long approximateBytes() {
    return store.approximateBytes();
  }

  @Override
  public long approximateBytes(byte[] from, byte[] to) {
    return store.approximateBytes(from, to);
  }

  @Override
  public String statistics() {
    return store.statistics();
  }

  @Override
  public synchronized void close() {
    try {
      if (!closed) {
        drain();
      }
    } finally {
      closed = true;
      notifyAll();
      store.close();
    }
  }
}
