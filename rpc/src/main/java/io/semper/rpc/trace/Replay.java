package io.semper.rpc.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Block;
import io.semper.core.types.Transaction;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.TxResult;
import java.util.List;

/// Executes blocks again.
public interface Replay {
  /// Starts on the state of a block's parent, with all done that comes before the transactions.
  ///
  /// @throws io.semper.core.view.HistoryUnavailableException where that state is not kept
  Execution begin(Block block);

  /// What the block's producer and those of its ommers were paid for it, in this order; empty where
  /// the consensus pays nothing.
  List<Reward> rewards(Block block);

  /// A block being executed. Used by one thread.
  interface Execution {
    /// The state as it is now.
    Journal state();

    BlockEnv env();

    ForkRules rules();

    /// Executes the block's next transaction.
    ///
    /// @param tracer `null` for none
    TxResult execute(Transaction transaction, Tracer tracer);
  }

  /// @param ommer whether it is for an ommer, not for the block itself
  record Reward(Address author, UInt256 value, boolean ommer) {}
}
