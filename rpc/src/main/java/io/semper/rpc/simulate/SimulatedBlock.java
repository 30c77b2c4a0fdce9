package io.semper.rpc.simulate;

import io.semper.core.types.Block;
import io.semper.core.types.Log;
import io.semper.evm.tx.TxResult;
import java.util.List;

/// A block that was made up, and what its calls did.
///
/// @param calls in the order of the block's transactions
public record SimulatedBlock(Block block, List<Call> calls) {
  /// @param logs the call's, with movements of ether among them where they were asked for
  /// @param capped whether the call got less gas than it asked for, because the request had no more
  public record Call(TxResult.Executed result, List<NumberedLog> logs, boolean capped) {}

  /// @param number among the logs of the block
  public record NumberedLog(Log log, long number) {}
}
