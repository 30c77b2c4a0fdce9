package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import java.util.List;

/// What happens to [Consensus].
public sealed interface Event {
  /// Time has passed.
  record Tick() implements Event {}

  /// A message has come in, decoded by [MessageCodec].
  record Received(QbftMessage message) implements Event {}

  /// A block has become the head, and would survive a power failure.
  ///
  /// @param validators of the block after it, sorted
  record NewHead(Header head, List<Address> validators) implements Event {}

  /// Whether there is anything to put into a block: transactions or a vote.
  record Work(boolean waiting) implements Event {}

  /// The answer to [Action.Build].
  ///
  /// @param empty whether it need not be made before the period of empty blocks is over
  record Built(long height, int round, Block block, boolean empty) implements Event {}

  /// The answer to [Action.Check].
  record Checked(long height, Hash32 blockHash, boolean valid) implements Event {}

  /// A record would survive a power failure, as would all before it.
  record Recorded(long record) implements Event {}

  /// A validator cannot be reached just now: no message will come before it is back. A hint, which
  /// may be wrong.
  record Gone(Address validator) implements Event {}

  /// From now on this process signs nothing, until it takes over.
  ///
  /// @param takeOverMillis of silence of the process that signs with the key, after which this one
  ///   takes over by itself where that is safe; 0 for never
  record StandBy(long takeOverMillis) implements Event {}

  /// From now on this process signs with the key.
  ///
  /// @param force at this height already, even though another process may have signed at it
  record TakeOver(boolean force) implements Event {}
}
