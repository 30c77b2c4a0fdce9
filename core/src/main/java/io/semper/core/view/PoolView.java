package io.semper.core.view;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.PooledTransaction;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Consumer;

/// Transactions on their way into the chain. Safe for use by several threads.
public interface PoolView {
  /// Takes a transaction in, or says why not.
  Submission submit(PooledTransaction transaction);

  /// Whether nothing submitted here is on its way into a block that is sealed at once.
  default boolean isSettled() {
    return true;
  }

  /// Waits until what was submitted here is in its block, where blocks are sealed at once. Not for
  /// long: sealing may fail, and the block come later.
  default void settle() {}

  Optional<PooledTransaction> transaction(Hash32 hash);

  /// The nonce the sender's next transaction should have, counting executable pooled ones.
  long nextNonce(Address sender);

  Content content();

  /// The block that would be produced now on top of the head, with its receipts.
  PendingBlock pendingBlock();

  /// Calls `listener` for each transaction that becomes executable; it must not block.
  ChainView.Subscription onPending(Consumer<Transaction> listener);

  /// Calls `listener` for each transaction taken in, also one that waits behind a gap; it must not
  /// block. Where none waits it is the same as [#onPending].
  default ChainView.Subscription onTaken(Consumer<Transaction> listener) {
    return onPending(listener);
  }

  sealed interface Submission {
    record Accepted(Hash32 hash) implements Submission {}

    /// @param reason go-ethereum's wording, on which libraries match
    record Rejected(String reason) implements Submission {}
  }

  /// @param pending executable transactions by sender and nonce
  /// @param queued those behind a nonce gap
  record Content(
      Map<Address, NavigableMap<Long, Transaction>> pending,
      Map<Address, NavigableMap<Long, Transaction>> queued) {}

  /// @param state the world after the block
  record PendingBlock(Block block, List<Receipt> receipts, StateView state) {}
}
