package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.types.QbftExtraData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// Whom an operator wants among the validators, and whom not: votes to be cast until they have
/// their way. Safe for use by several threads.
final class Wishes {
  /// That wait to be cast.
  private static final int MAX = 256;

  private final Map<Address, Boolean> wishes = new ConcurrentSkipListMap<>();

  /// @throws IllegalStateException where too many wait
  void add(Address subject, boolean add) {
    if (wishes.size() >= MAX) {
      throw new IllegalStateException("more than " + MAX + " votes");
    }
    wishes.put(subject, add);
  }

  void remove(Address subject) {
    wishes.remove(subject);
  }

  /// Forgets those that have come true.
  void settle(List<Address> set) {
    wishes.entrySet().removeIf(wish -> set.contains(wish.getKey()) == wish.getValue());
  }

  boolean isEmpty() {
    return wishes.isEmpty();
  }

  /// Whether to add, by validator.
  Map<Address, Boolean> all() {
    return new TreeMap<>(wishes);
  }

  /// One of those that wait, each in its turn; `null` for none.
  QbftExtraData.Vote vote(long number, List<Address> set) {
    List<QbftExtraData.Vote> open = new ArrayList<>();
    wishes.forEach((subject, add) -> {
      if (set.contains(subject) != add) {
        open.add(new QbftExtraData.Vote(subject, add));
      }
    });
    return open.isEmpty() ? null : open.get((int) (number % open.size()));
  }
}
