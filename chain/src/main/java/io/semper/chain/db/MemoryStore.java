package io.semper.chain.db;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// A store that ends with the process, for development chains without a data directory and for
/// tests. The lock makes batches atomic to readers; a cursor takes it for each step, and finds its
/// place anew by the key it stands at.
///
/// Values lie in a hash table, which a small block fills in less time than a tree; keys are put in
/// order when a cursor next asks for it.
public final class MemoryStore implements KeyValueStore {
  private static final String CLOSED = "the in-memory database is closed";

  /// Keys that may wait to be put in order, beyond as many as there are.
  private static final int MIN_UNORDERED = 1024;

  private final Map<Key, byte[]> map = new HashMap<>();
  private final NavigableSet<byte[]> ordered = new TreeSet<>(Arrays::compareUnsigned);

  /// Keys that have come or gone since they were put in order.
  private final List<byte[]> unordered = new ArrayList<>();

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private volatile long bytes;
  private volatile boolean closed;

  /// Comparable for the hash table, where many keys should meet in one place.
  record Key(byte[] bytes) implements Comparable<Key> {
    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int compareTo(Key other) {
      return Arrays.compareUnsigned(bytes, other.bytes);
    }
  }

  @Override
  public byte[] get(byte[] key) {
    Lock reading = reading();
    try {
      return map.get(new Key(key));
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
        byte[] old = value == null ? map.remove(new Key(key)) : map.put(new Key(key), value);
        if (value != null) grown[0] += key.length + value.length;
        if (old != null) grown[0] -= key.length + old.length;
        if (value == null != (old == null)) unordered.add(key);
      });
      bytes = grown[0];
      // A key that comes and goes is listed each time.
      if (unordered.size() > MIN_UNORDERED + map.size()) order();
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
    Lock reading = readingInOrder();
    try {
      long sum = 0;
      for (byte[] key : ordered.subSet(from, to)) {
        sum += key.length + map.get(new Key(key)).length;
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

  /// The same with all keys in order.
  private Lock readingInOrder() {
    Lock reading = reading();
    if (unordered.isEmpty()) {
      return reading;
    }
    reading.unlock();
    lock.writeLock().lock();
    try {
      order();
      return reading();
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void order() {
    for (byte[] key : unordered) {
      if (map.containsKey(new Key(key))) {
        ordered.add(key);
      } else {
        ordered.remove(key);
      }
    }
    unordered.clear();
  }

  private void checkOpen() {
    if (closed) throw new StorageException(CLOSED);
  }

  private final class MapCursor implements Cursor {
    private byte[] key;
    private byte[] value;

    @Override
    public boolean seek(byte[] from) {
      Lock reading = readingInOrder();
      try {
        return stand(ordered.ceiling(from));
      } finally {
        reading.unlock();
      }
    }

    @Override
    public boolean next() {
      Lock reading = readingInOrder();
      try {
        return stand(ordered.higher(key));
      } finally {
        reading.unlock();
      }
    }

    private boolean stand(byte[] at) {
      key = at;
      value = at == null ? null : map.get(new Key(at));
      return at != null;
    }

    @Override
    public byte[] key() {
      return key;
    }

    @Override
    public byte[] value() {
      return value;
    }

    @Override
    public void close() {
      stand(null);
    }
  }
}
