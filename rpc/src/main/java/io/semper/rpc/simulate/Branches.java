package io.semper.rpc.simulate;

import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.types.Withdrawal;
import io.semper.core.view.StateView;
import io.semper.evm.machine.Machine;
import io.semper.evm.tx.TxResult;
import java.util.List;

/// Grows blocks on top of the chain that are never part of it: what only the ledger can do. Safe
/// for use by several threads; what it returns is for one.
public interface Branches {
  /// @throws io.semper.core.view.HistoryUnavailableException where the state is not kept
  Branch on(Header base);

  /// On top of a block that is not sealed yet.
  Branch on(Block pending);

  /// Blocks so far.
  interface Branch {
    /// The state after the newest block.
    StateView state();

    /// Begins the next block and runs what comes before its transactions.
    ///
    /// @param header all that is known before execution
    /// @param machine on [#state], which may have been changed since
    Making begin(Header header, Fork fork, Machine machine);
  }

  /// A block in the making.
  interface Making {
    /// Takes in the next transaction, executed on the block's machine.
    void include(Transaction transaction, TxResult.Executed executed);

    /// Runs what comes after the transactions and adds the block to the branch.
    ///
    /// @param withdrawals `null` before Shanghai
    /// @throws io.semper.rpc.RpcException where a system contract stands in the way
    Block finish(List<Transaction> transactions, List<Withdrawal> withdrawals);
  }
}
