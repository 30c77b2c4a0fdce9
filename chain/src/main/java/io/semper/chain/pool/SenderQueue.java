package io.semper.chain.pool;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// The transactions of one sender by nonce, and its account as of the head.
final class SenderQueue {
  /// @param sequence order of arrival
  /// @param bytes with blobs
  /// @param cost the most it can take from the sender
  record Entry(
      PooledTransaction pooled, long sequence, long arrivedMillis, long bytes, UInt256 cost) {
    Transaction transaction() {
      return pooled.transaction();
    }
  }

  final Address sender;
  private final NavigableMap<Long, Entry> byNonce = new TreeMap<>(Long::compareUnsigned);
  private long nonce;
  private UInt256 balance = UInt256.ZERO;
  private boolean delegated;

  /// Of all of them; each was let in while all together could be paid, so it does not overflow.
  private UInt256 cost = UInt256.ZERO;

  /// How many follow each other from `nonce` on, each of which can be paid.
  private int executable;

  SenderQueue(Address sender) {
    this.sender = sender;
  }

  long nonce() {
    return nonce;
  }

  UInt256 balance() {
    return balance;
  }

  boolean delegated() {
    return delegated;
  }

  int size() {
    return byNonce.size();
  }

  Entry get(long at) {
    return byNonce.get(at);
  }

  /// All of them, by nonce.
  Collection<Entry> entries() {
    return Collections.unmodifiableCollection(byNonce.values());
  }

  /// What the account is as of the head.
  void account(long nextNonce, UInt256 funds, boolean delegates) {
    nonce = nextNonce;
    balance = funds;
    delegated = delegates;
    executable = 0;
    extend();
  }

  /// Adds one whose nonce is free.
  void add(Entry entry) {
    long at = entry.transaction().nonce();
    byNonce.put(at, entry);
    cost = cost.plus(entry.cost());
    if (at == nextNonce()) {
      extend();
    }
  }

  void remove(Entry entry) {
    long at = entry.transaction().nonce();
    byNonce.remove(at);
    cost = cost.minus(entry.cost());
    if (Long.compareUnsigned(at, nonce) >= 0 && Long.compareUnsigned(at, nextNonce()) < 0) {
      executable = (int) (at - nonce);
    }
  }

  private void extend() {
    Entry next = byNonce.get(nextNonce());
    while (next != null && next.cost().compareTo(balance) <= 0) {
      executable++;
      next = byNonce.get(nextNonce());
    }
  }

  boolean hasExecutable() {
    return executable > 0;
  }

  /// Those that can be executed one after the other on the head's state.
  List<Entry> executable() {
    return byNonce.tailMap(nonce, true).values().stream().limit(executable).toList();
  }

  /// The executable ones from a nonce on.
  List<Transaction> executableFrom(long from) {
    long first = Long.compareUnsigned(from, nonce) < 0 ? nonce : from;
    return Long.compareUnsigned(first, nextNonce()) >= 0
        ? List.of()
        : byNonce.tailMap(first, true).values().stream()
            .limit(nextNonce() - first)
            .map(Entry::transaction)
            .toList();
  }

  /// The nonce after the executable ones.
  long nextNonce() {
    return nonce + executable;
  }

  /// What all but the given nonce may cost together.
  UInt256 costBeside(long exceptNonce) {
    Entry except = byNonce.get(exceptNonce);
    return except == null ? cost : cost.minus(except.cost());
  }
}
