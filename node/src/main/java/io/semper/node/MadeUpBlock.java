package io.semper.node;

import io.semper.chain.block.BlockExecution;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.types.Withdrawal;
import io.semper.evm.state.StateDiff;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.RpcException;
import io.semper.rpc.simulate.Branches;
import java.util.List;
import java.util.function.Function;

/// A block in the making on a branch that is never part of the chain.
///
/// @param header all that is known before execution
/// @param add takes what the block changes into the branch's state and tells its root
public record MadeUpBlock(BlockExecution execution, Header header, Function<StateDiff, Hash32> add)
    implements Branches.Making {
  @Override
  public void include(Transaction transaction, TxResult.Executed executed) {
    execution.include(transaction, executed);
  }

  @Override
  public Block finish(List<Transaction> transactions, List<Withdrawal> withdrawals) {
    execution
        .finish(List.of(), withdrawals)
        .ifPresent(violation -> {
          throw RpcException.server(violation.message());
        });
    Hash32 root = add.apply(execution.diff());
    return execution.complete(header.toBuilder(), root, transactions, withdrawals);
  }
}
