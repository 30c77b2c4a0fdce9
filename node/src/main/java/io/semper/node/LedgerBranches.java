package io.semper.node;

import io.semper.chain.block.BlockExecution;
import io.semper.chain.block.BlockExecutor;
import io.semper.chain.importer.Ledger;
import io.semper.chain.state.ChainState;
import io.semper.chain.state.StateDelta;
import io.semper.core.bytes.Hash32;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.view.StateView;
import io.semper.evm.machine.Machine;
import io.semper.evm.state.StateDiff;
import io.semper.rpc.simulate.Branches;

/// Blocks made up on top of a ledger's chain: executed by the rules that check real ones, their
/// states laid in memory over the stored one.
public final class LedgerBranches implements Branches {
  private final Ledger ledger;

  public LedgerBranches(Ledger ledger) {
    this.ledger = ledger;
  }

  @Override
  public Branch on(Header base) {
    return new LedgerBranch(ledger.stateAfter(base));
  }

  @Override
  public Branch on(Block pending) {
    Header header = pending.header();
    Header parent = ledger.header(header.parentHash()).orElseThrow();
    LedgerBranch branch = new LedgerBranch(ledger.stateAfter(parent));
    Fork fork =
        ledger
            .headerRules()
            .fork(
                header.number(),
                header.timestamp(),
                ledger.totalDifficulty(parent.hash()).orElseThrow());
    switch (BlockExecutor.execute(
        ledger.network(), fork, pending, branch.state, this::ancestor, branch::rootWith)) {
      case BlockExecutor.Outcome.Executed executed -> branch.add(executed.diff());
      case BlockExecutor.Outcome.Violated violated ->
          throw new IllegalStateException("pending block is invalid: " + violated.violation());
    }
    return branch;
  }

  private Hash32 ancestor(long number) {
    return ledger.header(number).map(Header::hash).orElse(Hash32.ZERO);
  }

  private final class LedgerBranch implements Branch {
    private ChainState state;

    LedgerBranch(ChainState base) {
      state = base;
    }

    @Override
    public StateView state() {
      return state;
    }

    private Hash32 rootWith(StateDiff diff) {
      return ledger.states().computeReadOnly(state, diff).root();
    }

    private Hash32 add(StateDiff diff) {
      StateDelta delta = ledger.states().computeReadOnly(state, diff);
      state = state.plus(delta);
      return delta.root();
    }

    @Override
    public Making begin(Header header, Fork fork, Machine machine) {
      return new MadeUpBlock(
          new BlockExecution(ledger.network(), fork, header, machine, this::rootWith),
          header,
          this::add);
    }
  }
}
