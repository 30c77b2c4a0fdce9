package io.semper.p2p.peers;

import java.util.HashMap;
import java.util.Map;

/// Misbehaviour counted by who did it, halving with time.
///
/// At most [#MAX_ENTRIES] are remembered; when there are more, the smallest is forgotten.
final class Penalties<K> {
  static final int MAX_ENTRIES = 8192;

  /// From here on there is no dealing with the one who has it.
  static final double BAN = 100;

  private static final double MAX_SUM = 100 * BAN;
  private static final double FORGOTTEN = 1;

  /// What stands against somebody, and when it was so much.
  record Entry(double value, long sinceMillis) {}

  private final long halfLifeMillis;
  private final Map<K, Entry> entries = new HashMap<>();

  Penalties(long halfLifeMillis) {
    this.halfLifeMillis = halfLifeMillis;
  }

  private double now(Entry entry, long millis) {
    double halves = Math.max(0, millis - entry.sinceMillis) / (double) halfLifeMillis;
    return entry.value * Math.pow(0.5, halves);
  }

  synchronized double of(K who, long millis) {
    Entry entry = entries.get(who);
    return entry == null ? 0 : now(entry, millis);
  }

  synchronized boolean isBanned(K who, long millis) {
    return of(who, millis) >= BAN;
  }

  /// @return the sum after adding
  synchronized double add(K who, double penalty, long millis) {
    double sum = Math.min(MAX_SUM, of(who, millis) + penalty);
    put(who, new Entry(sum, millis), millis);
    return sum;
  }

  /// Takes up what stood against somebody in an earlier run, unless it is forgotten.
  synchronized void restore(K who, Entry entry, long millis) {
    Entry bounded = new Entry(Math.min(MAX_SUM, entry.value), Math.min(entry.sinceMillis, millis));
    if (now(bounded, millis) >= FORGOTTEN) {
      put(who, bounded, millis);
    }
  }

  private void put(K who, Entry added, long millis) {
    entries.put(who, added);
    if (entries.size() > MAX_ENTRIES) {
      entries.values().removeIf(entry -> now(entry, millis) < FORGOTTEN);
    }
    if (entries.size() > MAX_ENTRIES) {
      K least = who;
      double smallest = Double.MAX_VALUE;
      for (Map.Entry<K, Entry> entry : entries.entrySet()) {
        double value = now(entry.getValue(), millis);
        if (value < smallest) {
          smallest = value;
          least = entry.getKey();
        }
      }
      entries.remove(least);
    }
  }

  /// Those with whom there is no dealing now.
  synchronized Map<K, Entry> banned(long millis) {
    Map<K, Entry> banned = new HashMap<>(entries);
    banned.values().removeIf(entry -> now(entry, millis) < BAN);
    return banned;
  }

  synchronized int size() {
    return entries.size();
  }
}
