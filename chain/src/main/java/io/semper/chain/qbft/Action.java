package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.types.Block;
import io.semper.core.types.Header;

/// What [Consensus] wants done, in this order.
public sealed interface Action {
  /// Call again at this monotonic time at the latest. The newest replaces those before.
  record WakeAt(long monotonicMillis) implements Action {}

  /// Make a block. [Event.Built] answers.
  ///
  /// @param round for its extra data
  /// @param timestamp seconds since 1970
  record Build(Header parent, int round, long timestamp) implements Action {}

  /// Find out whether a proposed block is valid but for its seals. [Event.Checked] answers.
  record Check(Block block) implements Action {}

  /// Make a record durable. [Event.Recorded] answers with its number.
  record Persist(long number, VoteRecord record) implements Action {}

  /// Records of lower heights are not needed any more.
  record Forget(long belowHeight) implements Action {}

  /// Send a message to all other validators.
  record Broadcast(QbftMessage message) implements Action {}

  /// Import a block that is final. [Event.NewHead] follows.
  record Import(Block block) implements Action {}

  /// A validator is at a height that is over: send it the blocks from there on.
  record Help(Address validator, long height) implements Action {}

  /// A validator is ahead: fetch blocks from it.
  record Follow(Address validator, long height) implements Action {}

  /// Somebody misbehaves; for the log and the metrics.
  record Report(Misconduct kind, Address validator, String message) implements Action {}

  enum Misconduct {
    /// Two different messages for one round.
    EQUIVOCATION,
    /// A proposal that is none.
    INVALID_PROPOSAL,
    /// A signature of this validator's own key that this process did not make.
    FOREIGN_SIGNATURE
  }
}
