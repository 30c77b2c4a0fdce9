package io.semper.node.fork;

import io.semper.chain.block.BlockExecution;
import io.semper.core.bytes.Hash32;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import io.semper.evm.BlockEnv;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.trace.Tracer;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import io.semper.genesis.PublicNetwork;
import io.semper.node.ReplayedBlock;
import io.semper.rpc.RpcException;
import io.semper.rpc.trace.Replay;
import java.util.List;

/// Executes blocks of a forked chain again, for those who trace them: those made here on the states
/// they were made on, those of before on states read from the other node.
///
/// By which rules the other chain was made is known of public networks; of others the development
/// chain's are taken. Every transaction is held against its receipt, so that nobody is told of an
/// execution that was another.
final class ForkedReplay implements Replay {
  private final ForkedChain chain;
  private final Network own;

  /// The network of the blocks before the fork; `null` until one is asked for.
  private volatile Network before;

  /// @param own the network of the blocks made here
  ForkedReplay(ForkedChain chain, Network own) {
    this.chain = chain;
    this.own = own;
  }

  @Override
  public Execution begin(Block block) {
    Header header = block.header();
    Network network = chain.isForkedAfter(header) ? own : before();
    Fork fork =
        network.forks().at(header.number(), header.timestamp(), header.difficulty().isZero());
    BlockExecution execution =
        new BlockExecution(
            network,
            fork,
            header,
            chain.stateBefore(header),
            number -> chain.headerToSearch(number).map(Header::hash).orElse(Hash32.ZERO),
            // Only receipts hold intermediate roots, and nobody looks at these.
            diff -> Hash32.ZERO);
    List<Receipt> receipts = chain.receipts(header.hash()).orElse(List.of());
    return new Compared(new ReplayedBlock(execution), receipts);
  }

  private Network before() {
    Network known = before;
    if (known == null) {
      known =
          chain
              .header(0)
              .flatMap(genesis -> PublicNetwork.byGenesisHash(genesis.hash()))
              .map(PublicNetwork::network)
              .orElse(own);
      before = known;
    }
    return known;
  }

  /// @param receipts of the block, empty where it is in no chain
  private record Compared(ReplayedBlock block, List<Receipt> receipts) implements Execution {
    @Override
    public Journal state() {
      return block.state();
    }

    @Override
    public BlockEnv env() {
      return block.env();
    }

    @Override
    public ForkRules rules() {
      return block.rules();
    }

    @Override
    public TxResult execute(Transaction transaction, Tracer tracer) {
      TxResult result = block.execute(transaction, tracer);
      int done = block.execution().receipts().size();
      if (result instanceof TxResult.Executed && done <= receipts.size()) {
        long then = receipts.get(done - 1).cumulativeGasUsed();
        if (block.execution().gasUsed() != then) {
          throw RpcException.server(
              "block "
                  + env().number()
                  + " was made by rules not known here: after transaction "
                  + transaction.hash()
                  + " it had used "
                  + then
                  + " gas, not "
                  + block.execution().gasUsed());
        }
      }
      return result;
    }
  }

  /// Ommers of the other chain are not read, and so not what they were paid.
  @Override
  public List<Reward> rewards(Block block) {
    Header header = block.header();
    if (!header.difficulty().isZero()) {
      throw RpcException.server(
          "who was paid for block " + header.number() + " is not known: it was made by work");
    }
    return List.of();
  }
}
