package io.semper.rpc.engine;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;

/// The chain as a consensus layer changes it. Calls come one at a time.
///
/// @see io.semper.core.view.ChainView for reading it
public interface ConsensusChain {
  /// Verifies a block and keeps it if it is valid. The head stays where it is. What is answered
  /// survives the end of the process.
  Import importBlock(Block block) throws InterruptedException;

  /// What became of a block.
  sealed interface Import {
    /// Valid and kept, now or before.
    record Valid() implements Import {}

    record Invalid(String reason) implements Import {}

    record UnknownParent() implements Import {}

    /// Nothing is wrong with it, but the state it builds on is not at hand.
    record Unavailable(String reason) implements Import {}
  }

  /// Makes a kept block the head and names the blocks held for safe and final, all at once.
  ///
  /// @param safe zero for none
  /// @param finalized zero for none
  Choice choose(Hash32 head, Hash32 safe, Hash32 finalized) throws InterruptedException;

  /// What became of a choice of head.
  sealed interface Choice {
    record Done() implements Choice {}

    /// Safe or finalized block are not in the head's chain.
    record Inconsistent(String reason) implements Choice {}

    /// The states on the way to the head are no longer kept.
    record TooDeep(String reason) implements Choice {}
  }
}
