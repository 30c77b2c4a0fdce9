package io.semper.chain.block;

import io.semper.core.bytes.Hash32;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Bloom;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.types.Roots;
import io.semper.core.types.Transaction;
import io.semper.core.view.StateView;
import io.semper.evm.state.StateDiff;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongFunction;

/// Executes a block and compares the outcome with all that its header claims except the state root,
/// which the state's keeper computes from the difference.
public final class BlockExecutor {
  private BlockExecutor() {}

  /// What a block did, or the rule it breaks.
  public sealed interface Outcome {
    record Executed(StateDiff diff, List<Receipt> receipts) implements Outcome {}

    record Violated(Violation violation) implements Outcome {}
  }

  /// Executes a block on a state that nobody has altered.
  public static Outcome execute(
      Network network,
      Fork fork,
      Block block,
      StateView parent,
      LongFunction<Hash32> ancestors,
      Function<StateDiff, Hash32> intermediateRoot) {
    return execute(network, fork, block, parent, Alteration.NONE, ancestors, intermediateRoot);
  }

  /// @param parent the state after the parent
  /// @param alteration what the user of a development chain changed in it
  /// @param ancestors block hashes of this branch by number
  /// @param intermediateRoot state root of `parent` with a difference applied, for receipts before
  ///   Byzantium
  public static Outcome execute(
      Network network,
      Fork fork,
      Block block,
      StateView parent,
      Alteration alteration,
      LongFunction<Hash32> ancestors,
      Function<StateDiff, Hash32> intermediateRoot) {
    Header header = block.header();
    BlockExecution execution =
        new BlockExecution(network, fork, header, parent, alteration, ancestors, intermediateRoot);
    int index = 0;
    for (Transaction transaction : block.transactions()) {
      if (execution.execute(transaction) instanceof TxResult.Invalid invalid) {
        return violated(
            Rule.TRANSACTION,
            "could not apply tx %d [%s]: %s",
            index,
            transaction.hash(),
            invalid.reason());
      }
      index++;
    }
    Optional<Violation> violation =
        execution
            .finish(block.ommers(), block.withdrawals())
            .or(() -> compare(header, fork, execution));
    return violation.isPresent()
        ? new Outcome.Violated(violation.get())
        : new Outcome.Executed(execution.diff(), execution.receipts());
  }

  private static Optional<Violation> compare(Header header, Fork fork, BlockExecution execution) {
    if (execution.gasUsed() != header.gasUsed()) {
      return mismatch(Rule.GAS_USED, "gas used", header.gasUsed(), execution.gasUsed());
    }
    List<Receipt> receipts = execution.receipts();
    if (!Bloom.union(receipts).equals(header.logsBloom())) {
      return Optional.of(new Violation(Rule.LOGS_BLOOM, "invalid bloom of the logs"));
    }
    Hash32 receiptsRoot = Roots.receipts(receipts);
    if (!receiptsRoot.equals(header.receiptsRoot())) {
      return mismatch(Rule.RECEIPTS_ROOT, "receipt root hash", header.receiptsRoot(), receiptsRoot);
    }
    if (fork.atLeast(Fork.PRAGUE)) {
      Hash32 requestsHash = Requests.hash(execution.requests());
      if (!requestsHash.equals(header.requestsHash())) {
        return mismatch(Rule.REQUESTS_HASH, "requests hash", header.requestsHash(), requestsHash);
      }
    }
    return Optional.empty();
  }

  private static Optional<Violation> mismatch(
      Rule rule, String what, Object claimed, Object computed) {
    return Optional.of(
        new Violation(
            rule, "invalid " + what + " (header " + claimed + ", computed " + computed + ")"));
  }

  private static Outcome violated(Rule rule, String format, Object... values) {
    return new Outcome.Violated(new Violation(rule, String.format(format, values)));
  }
}
