package io.semper.chain.pool;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Transaction;
import java.util.ArrayList;
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
  final NavigableMap<Long, Entry> byNonce = new TreeMap<>(Long::compareUnsigned);
  long nonce;
  UInt256 balance = UInt256.ZERO;
  boolean delegated;

  SenderQueue(Address sender) {
    this.sender = sender;
  }

  /// Those that can be executed one after the other on the head's state.
  List<Entry> executable() {
    List<Entry> found = new ArrayList<>();
    long next = nonce;
    for (Entry entry : byNonce.tailMap(nonce, true).values()) {
      if (entry.transaction().nonce() != next || entry.cost().compareTo(balance) > 0) {
        break;
      }
      found.add(entry);
      next++;
    }
    return found;
  }

  /// The executable ones from a nonce on.
  List<Transaction> executableFrom(long from) {
    return executable().stream()
        .map(Entry::transaction)
        .filter(transaction -> Long.compareUnsigned(transaction.nonce(), from) >= 0)
        .toList();
  }

  /// The nonce after the executable ones.
  long nextNonce() {
    return nonce + executable().size();
  }

  /// What all but the given nonce may cost together, saturating.
  UInt256 costBeside(long exceptNonce) {
    UInt256 sum = UInt256.ZERO;
    for (Entry entry : byNonce.values()) {
      if (entry.transaction().nonce() != exceptNonce) {
        UInt256 next = sum.plusExact(entry.cost());
        sum = next == null ? UInt256.MAX : next;
      }
    }
    return sum;
  }
}
