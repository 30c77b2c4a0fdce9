package io.semper.chain.db;

import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// A store that ends with the process, for development chains without a data directory and for
/// tests. The lock makes batches atomic to readers; a cursor takes it for each step, and finds its
/// place anew by the key it stands at.
public final class MemoryStore implements KeyValueStore {
  private static final String CLOSED = "the in-memory database is closed";

  private final NavigableMap<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private volatile long bytes;
  private volatile boolean closed;

  @Override
  public byte[] get(byte[] key) {
    Lock reading = reading();
    try {
      return map.get(key);
    } finally {
      reading.unlock();
    }
  }

  @Override
  public void write(WriteBatch batch, boolean sync) {
    lock.writeLock().lock();
    try {
      checkOpen();
      long[] grown = {bytes};
      batch.forEach((key, value) -> {
        byte[] old = value == null ? map.remove(key) : map.put(key, value);
        if (value != null) grown[0] += key.length + value.length;
        if (old != null) grown[0] -= key.length + old.length;
      });
      bytes = grown[0];
    } finally {
      lock.writeLock().unlock();
    }
  }

  @Override
  public Cursor cursor() {
    checkOpen();
    return new MapCursor();
  }

  @Override
  public long approximateBytes() {
    return bytes;
  }

  @Override
  public long approximateBytes(byte[] from, byte[] to) {
    Lock reading = reading();
    try {
      long sum = 0;
      for (Map.Entry<byte[], byte[]> e : map.subMap(from, to).entrySet()) {
        sum += e.getKey().length + e.getValue().length;
      }
      return sum;
    } finally {
      reading.unlock();
    }
  }

  @Override
  public String statistics() {
    Lock reading = reading();
    try {
      return "in memory: " + map.size() + " keys, " + bytes + " bytes";
    } finally {
      reading.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  private Lock reading() {
    Lock reading = lock.readLock();
    reading.lock();
    if (closed) {
      reading.unlock();
      throw new StorageException(CLOSED);
    }
    return reading;
  }

  private void checkOpen() {
    if (closed) throw new StorageException(CLOSED);
  }

  private final class MapCursor implements Cursor {
    private Map.Entry<byte[], byte[]> at;

    @Override
    public boolean seek(byte[] key) {
      Lock reading = reading();
      try {
        at = map.ceilingEntry(key);
        return at != null;
      } finally {
        reading.unlock();
      }
    }

    @Override
    public boolean next() {
      Lock reading = reading();
      try {
        at = map.higherEntry(at.getKey());
        return at != null;
      } finally {
        reading.unlock();
      }
    }

    @Override
    public byte[] key() {
      return at.getKey();
    }

    @Override
    public byte[] value() {
      return at.getValue();
    }

    @Override
    public void close() {
      at = null;
    }
  }
}
