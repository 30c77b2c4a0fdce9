package io.semper.lightclient;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToLongFunction;

/// Values used lately, up to a number of bytes. Safe for use by several threads.
final class BoundedCache<K, V> {
  /// What an entry costs beside its value.
  private static final int ENTRY_BYTES = 120;

  private final Map<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);
  private final long maxBytes;
  private final ToLongFunction<V> size;
  private long bytes;

  /// @param size bytes a value takes
  BoundedCache(long maxBytes, ToLongFunction<V> size) {
    this.maxBytes = maxBytes;
    this.size = size;
  }

  /// `null` where it is not kept.
  synchronized V get(K key) {
    return entries.get(key);
  }

  synchronized void put(K key, V value) {
    V before = entries.put(key, value);
    bytes += ENTRY_BYTES + size.applyAsLong(value);
    if (before != null) {
      bytes -= ENTRY_BYTES + size.applyAsLong(before);
    }
    Iterator<V> eldest = entries.values().iterator();
    while (bytes > maxBytes && entries.size() > 1) {
      bytes -= ENTRY_BYTES + size.applyAsLong(eldest.next());
      eldest.remove();
    }
  }

  synchronized void remove(K key) {
    V before = entries.remove(key);
    if (before != null) {
      bytes -= ENTRY_BYTES + size.applyAsLong(before);
    }
  }

  /// Least recently used first.
  synchronized Map<K, V> copy() {
    return new LinkedHashMap<>(entries);
  }

  synchronized long bytes() {
    return bytes;
  }
}
