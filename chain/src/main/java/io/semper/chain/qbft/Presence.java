package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Who is heard, at which height, and how far each has come in the rounds of the height that is
/// being decided. Times are monotonic milliseconds. Used by one thread.
final class Presence {
  /// The highest round each has been heard in at this height, own messages too.
  private final Map<Address, Integer> rounds = new TreeMap<>();

  /// When each validator was last heard; none of those that cannot be reached.
  private final Map<Address, Long> lastHeard = new HashMap<>();

  /// The highest height each other validator has been heard at.
  private final Map<Address, Long> heights = new HashMap<>();

  private long patienceMillis;

  /// A new height is to be decided by these validators.
  ///
  /// @param patienceMillis after which one of whom nothing is heard counts as silent
  void begin(List<Address> validators, long patienceMillis) {
    this.patienceMillis = patienceMillis;
    rounds.clear();
    lastHeard.keySet().retainAll(validators);
    heights.keySet().retainAll(validators);
  }

  void heard(Address validator, long now) {
    lastHeard.put(validator, now);
  }

  void gone(Address validator) {
    lastHeard.remove(validator);
  }

  boolean isSilent(Address validator, long now) {
    Long heardAt = lastHeard.get(validator);
    return heardAt == null || now - heardAt > patienceMillis;
  }

  void reached(Address validator, int round) {
    rounds.merge(validator, round, Math::max);
  }

  int round(Address validator) {
    return rounds.getOrDefault(validator, 0);
  }

  Map<Address, Integer> rounds() {
    return Collections.unmodifiableMap(rounds);
  }

  /// The highest round that so many validators have reached.
  int roundReachedBy(int count) {
    if (rounds.size() < count) {
      return 0;
    }
    List<Integer> highest = new ArrayList<>(rounds.values());
    highest.sort(Collections.reverseOrder());
    return highest.get(count - 1);
  }

  void at(Address validator, long height) {
    heights.merge(validator, height, Math::max);
  }

  /// Heights at which others were heard, the highest first.
  List<Long> heights() {
    List<Long> highest = new ArrayList<>(heights.values());
    highest.sort(Collections.reverseOrder());
    return highest;
  }

  void forgetHeights() {
    heights.clear();
  }

  /// How many that are there have been heard at later heights. Who is gone helps nobody.
  int above(long height, long now) {
    int count = 0;
    for (Map.Entry<Address, Long> each : heights.entrySet()) {
      count += each.getValue() > height && !isSilent(each.getKey(), now) ? 1 : 0;
    }
    return count;
  }
}
