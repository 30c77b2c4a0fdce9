package io.semper.chain.state;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;

/// Values of the newest state, read without a lock. A key has one place; whatever comes there last
/// stays, so the size is fixed and nothing needs to be ordered by age.
///
/// A reader that missed may only put what it read while the state it read is still the newest. It
/// asks under the lock that the committing thread takes to put the values of the next block, so
/// that an old value never lands on a new one.
final class LatestCache<K, V> {
  private static final int LOCKS = 64;
  static final int MIN_PLACES = 1 << 12;

  /// To clear as many takes some milliseconds, which a reorganisation does.
  static final int MAX_PLACES = 1 << 20;

  private final AtomicReferenceArray<Entry<K, V>> places;
  private final Object[] locks = new Object[LOCKS];

  /// @param value `null` where the state has none
  record Entry<K, V>(K key, V value) {}

  /// @param places a power of two
  LatestCache(int places) {
    this.places = new AtomicReferenceArray<>(places);
    for (int i = 0; i < LOCKS; i++) locks[i] = new Object();
  }

  /// How many places there should be where each is to stand for so many bytes of the largest heap.
  static int places(int heapBytes) {
    long places = Runtime.getRuntime().maxMemory() / heapBytes;
    return (int) Long.highestOneBit(Math.clamp(places, MIN_PLACES, MAX_PLACES));
  }

  /// `null` where nothing is known.
  Entry<K, V> get(K key) {
    Entry<K, V> entry = places.get(place(key));
    return entry != null && entry.key.equals(key) ? entry : null;
  }

  void put(K key, V value) {
    putIf(key, value, () -> true);
  }

  void putIf(K key, V value, BooleanSupplier stillNewest) {
    int place = place(key);
    Entry<K, V> entry = new Entry<>(key, value);
    synchronized (locks[place % LOCKS]) {
      if (stillNewest.getAsBoolean()) places.set(place, entry);
    }
  }

  void clear() {
    for (int lock = 0; lock < LOCKS; lock++) {
      synchronized (locks[lock]) {
        for (int i = lock; i < places.length(); i += LOCKS) {
          places.setPlain(i, null);
        }
      }
    }
  }

  private int place(K key) {
    int h = key.hashCode();
    return (h ^ h >>> 16) & (places.length() - 1);
  }
}
