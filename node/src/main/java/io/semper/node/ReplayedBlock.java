package io.semper.node;

import io.semper.chain.block.BlockExecution;
import io.semper.core.types.Transaction;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.TxResult;
import io.semper.rpc.trace.Replay;

/// A block being executed again, as tracers see it.
public record ReplayedBlock(BlockExecution execution) implements Replay.Execution {
  @Override
  public Journal state() {
    return execution.state();
  }

  @Override
  public BlockEnv env() {
    return execution.env();
  }

  @Override
  public ForkRules rules() {
    return execution.rules();
  }

  @Override
  public TxResult execute(Transaction transaction, Tracer tracer) {
    return tracer == null ? execution.execute(transaction) : execution.execute(transaction, tracer);
  }
}
