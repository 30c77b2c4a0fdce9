package io.semper.chain.producer;

import io.semper.chain.block.BlockExecution;
import io.semper.chain.block.HeaderRules;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.types.Transaction;
import io.semper.core.types.Withdrawal;
import io.semper.core.view.ChainView;
import io.semper.core.view.StateView;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.StateDiff;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/// Builds proof-of-stake-shaped blocks out of waiting transactions, through the same
/// [BlockExecution] that checks the blocks of others.
public final class BlockBuilder {
  /// Gas no transaction fits into: the block counts as full.
  private static final long LEAST_USEFUL_GAS = 21_000;

  /// Room for what surrounds the transactions in an encoded block.
  private static final int ENVELOPE_BYTES = 16 << 10;

  private final Network network;
  private final HeaderRules rules;
  private final ChainView chain;
  private final StateRoots roots;

  /// Computes the root of a state with a difference applied.
  public interface StateRoots {
    Hash32 after(Header parent, StateDiff diff);
  }

  public BlockBuilder(Network network, HeaderRules rules, ChainView chain, StateRoots roots) {
    this.network = network;
    this.rules = rules;
    this.chain = chain;
    this.roots = roots;
  }

  /// What a block's producer chooses.
  ///
  /// @param parentBeaconBlockRoot used since Cancun
  /// @param withdrawals used since Shanghai
  public record Attributes(
      long timestamp,
      Address beneficiary,
      Hash32 prevRandao,
      Hash32 parentBeaconBlockRoot,
      List<Withdrawal> withdrawals,
      long gasLimit,
      byte[] extraData) {}

  /// @param diff what the block changes in its parent's state
  /// @param fees wei the beneficiary earns by tips
  /// @param requests what the block asks of the consensus layer, since Prague
  public record Built(
      Block block, List<Receipt> receipts, StateDiff diff, UInt256 fees, List<byte[]> requests) {}

  /// Builds on a known header.
  ///
  /// @param executable each sender's transactions by nonce, senders in order of arrival
  public Built build(Header parent, Attributes attributes, List<List<Transaction>> executable) {
    Header.Builder draft = draft(parent, attributes);
    Fork fork = fork(parent, attributes.timestamp());
    Header environment = draft.build();
    StateView state = chain.stateAfter(parent);
    BlockExecution execution =
        new BlockExecution(
            network,
            fork,
            environment,
            state,
            ancestors(parent),
            diff -> roots.after(parent, diff));
    UInt256 baseFee =
        environment.baseFeePerGas() == null ? UInt256.ZERO : environment.baseFeePerGas();
    List<Transaction> included = new ArrayList<>();
    UInt256 fees = include(execution, environment, fork, baseFee, executable, included);
    List<Withdrawal> withdrawals = fork.atLeast(Fork.SHANGHAI) ? attributes.withdrawals() : null;
    execution
        .finish(List.of(), withdrawals)
        .ifPresent(violation -> {
          throw new IllegalStateException("cannot produce a valid block: " + violation);
        });
    StateDiff diff = execution.diff();
    Block block =
        execution.complete(draft, roots.after(parent, diff), List.copyOf(included), withdrawals);
    return new Built(block, execution.receipts(), diff, fees, execution.requests());
  }

  private UInt256 include(
      BlockExecution execution,
      Header environment,
      Fork fork,
      UInt256 baseFee,
      List<List<Transaction>> executable,
      List<Transaction> included) {
    Candidates candidates = new Candidates(executable, baseFee);
    int bytesLeft = ForkRules.of(fork).maxBlockBytes() - ENVELOPE_BYTES;
    UInt256 fees = UInt256.ZERO;
    for (Transaction t = candidates.best(); t != null; t = candidates.best()) {
      long gasBefore = execution.gasUsed();
      if (environment.gasLimit() - gasBefore < LEAST_USEFUL_GAS) {
        break;
      }
      if (t.encode().length > bytesLeft) {
        candidates.skipSender();
        continue;
      }
      switch (execution.execute(t)) {
        case TxResult.Executed executed -> {
          included.add(t);
          bytesLeft -= t.encode().length;
          UInt256 tip = UInt256.min(t.maxFeePerGas().minus(baseFee), t.maxPriorityFeePerGas());
          fees = fees.plus(tip.timesExact(executed.gasUsed()));
          candidates.included();
        }
        case TxResult.Invalid invalid -> candidates.skipSender();
      }
    }
    return fees;
  }

  private Header.Builder draft(Header parent, Attributes attributes) {
    Fork fork = fork(parent, attributes.timestamp());
    Header.Builder draft =
        Header.builder()
            .parentHash(parent.hash())
            .beneficiary(attributes.beneficiary())
            .number(parent.number() + 1)
            .gasLimit(gasLimit(parent.gasLimit(), attributes.gasLimit()))
            .timestamp(attributes.timestamp())
            .extraData(attributes.extraData())
            .mixHash(attributes.prevRandao());
    if (fork.atLeast(Fork.LONDON)) {
      draft.baseFeePerGas(rules.nextBaseFee(parent));
    }
    if (fork.atLeast(Fork.CANCUN)) {
      draft
          .excessBlobGas(rules.nextExcessBlobGas(parent, fork))
          .parentBeaconBlockRoot(attributes.parentBeaconBlockRoot());
    }
    return draft;
  }

  /// The fork of a block on top of `parent`.
  public Fork fork(Header parent, long timestamp) {
    UInt256 total = chain.totalDifficulty(parent.hash()).orElse(UInt256.ZERO);
    return rules.fork(parent.number() + 1, timestamp, total);
  }

  /// As near to the wanted limit as one block may come.
  private static long gasLimit(long parent, long wanted) {
    long step = parent / HeaderRules.GAS_LIMIT_BOUND_DIVISOR - 1;
    return Math.max(parent - step, Math.min(parent + step, wanted));
  }

  private LongFunction<Hash32> ancestors(Header parent) {
    return number -> {
      Header header = parent;
      while (header.number() > number) {
        header = chain.header(header.parentHash()).orElseThrow();
      }
      return header.hash();
    };
  }
}
