package io.semper.node.fork;

import io.semper.chain.block.BlockExecution;
import io.semper.core.bytes.Hash32;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Transaction;
import io.semper.core.view.StateView;
import io.semper.evm.machine.Machine;
import io.semper.evm.state.StateDiff;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import io.semper.node.MadeUpBlock;
import io.semper.rpc.simulate.Branches;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Blocks made up on top of a forked chain. Their state roots are of the kind that blocks made here
/// have.
final class ForkedBranches implements Branches {
  private final ForkedChain chain;
  private final Network network;

  ForkedBranches(ForkedChain chain, Network network) {
    this.chain = chain;
    this.network = network;
  }

  @Override
  public Branch on(Header base) {
    return new ForkedBranch(base);
  }

  @Override
  public Branch on(Block pending) {
    Header header = pending.header();
    ForkedBranch branch = new ForkedBranch(chain.header(header.parentHash()).orElseThrow());
    Fork fork = network.forks().at(header.number(), header.timestamp(), true);
    BlockExecution execution =
        new BlockExecution(
            network,
            fork,
            header,
            branch.state(),
            number -> chain.headerToSearch(number).map(Header::hash).orElse(Hash32.ZERO),
            branch::rootWith);
    for (Transaction transaction : pending.transactions()) {
      if (execution.execute(transaction) instanceof TxResult.Invalid invalid) {
        throw new IllegalStateException("pending block is invalid: " + invalid.reason());
      }
    }
    execution
        .finish(List.of(), pending.withdrawals())
        .ifPresent(violation -> {
          throw new IllegalStateException("pending block is invalid: " + violation.message());
        });
    branch.add(execution.diff());
    return branch;
  }

  /// Used by one thread.
  private final class ForkedBranch implements Branch {
    private final StateView base;
    private final Versions versions = new Versions();
    private final Map<Hash32, byte[]> codes = new ConcurrentHashMap<>();
    private Hash32 root;
    private long height;

    ForkedBranch(Header base) {
      this.base = chain.stateAfter(base);
      root = base.stateRoot();
    }

    @Override
    public StateView state() {
      return versions.at(height, base, codes);
    }

    private Hash32 rootWith(StateDiff diff) {
      return ForkedChain.root(root, diff);
    }

    private Hash32 add(StateDiff diff) {
      root = rootWith(diff);
      versions.put(++height, diff, codes);
      return root;
    }

    @Override
    public Making begin(Header header, Fork fork, Machine machine) {
      return new MadeUpBlock(
          new BlockExecution(network, fork, header, machine, this::rootWith), header, this::add);
    }
  }
}
