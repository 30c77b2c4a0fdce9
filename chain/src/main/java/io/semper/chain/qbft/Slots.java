package io.semper.chain.qbft;

import io.semper.chain.qbft.QbftMessage.Proposal;
import io.semper.chain.qbft.QbftMessage.RoundChange;
import io.semper.core.bytes.Address;
import io.semper.core.types.Block;
import io.semper.core.types.Transaction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The newest message of one kind of each validator: what it has said in earlier rounds is over.
/// Bounded by the number of validators and, for messages with blocks, in bytes.
final class Slots<M extends QbftMessage> {
  private static final int ENVELOPE_BYTES = 1 << 10;

  private final boolean one;
  private final long maxBytes;
  private final Map<Address, M> newest = new TreeMap<>();
  private final List<M> others = new ArrayList<>();
  private long bytes;

  Slots(boolean one, long maxBytes) {
    this.one = one;
    this.maxBytes = maxBytes;
  }

  /// Keeps a message unless its author has a newer one, or one for the same round: the first
  /// counts.
  ///
  /// @param due kept whatever its size
  /// @return whether it was kept
  boolean keep(M message, boolean due) {
    M before = newest.get(message.author());
    if (before != null && before.round() >= message.round()) {
      return false;
    }
    long change = bytes(message) - (before == null ? 0 : bytes(before));
    if (bytes + change > maxBytes && !due) {
      return false;
    }
    if (!one && before != null) {
      others.add(before);
      change += bytes(before);
    }
    newest.put(message.author(), message);
    bytes += change;
    return true;
  }

  /// `null` where there is none.
  M of(Address author) {
    return newest.get(author);
  }

  Collection<M> all() {
    return newest.values();
  }

  /// How many messages are held.
  int count() {
    return newest.size() + others.size();
  }

  private static long bytes(QbftMessage message) {
    return switch (message) {
      case Proposal p -> bytes(p.block());
      case RoundChange r -> r.block() == null ? ENVELOPE_BYTES : bytes(r.block());
      case QbftMessage.Prepare p -> ENVELOPE_BYTES;
      case QbftMessage.Commit c -> ENVELOPE_BYTES;
    };
  }

  private static long bytes(Block block) {
    long bytes = 2 * ENVELOPE_BYTES;
    for (Transaction transaction : block.transactions()) {
      bytes += transaction.encode().length;
    }
    return bytes;
  }
}
