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
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.StateDiff;
import io.semper.evm.tx.TxResult;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;

/// Builds blocks of proof of stake and of QBFT out of waiting transactions, through the same
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
  /// @param baseFee `null` for the one that follows from the parent
  public record Attributes(
      long timestamp,
      Address beneficiary,
      Hash32 prevRandao,
      Hash32 parentBeaconBlockRoot,
      List<Withdrawal> withdrawals,
      long gasLimit,
      byte[] extraData,
      UInt256 baseFee) {}

  /// What came of given transactions.
  public sealed interface Attempt {}

  /// @param diff what the block changes in its parent's state
  /// @param fees wei the beneficiary earns by tips
  /// @param requests what the block asks of the consensus layer, since Prague
  public record Built(
      Block block, List<Receipt> receipts, StateDiff diff, UInt256 fees, List<byte[]> requests)
      implements Attempt {}

  /// One of the transactions cannot be in the block.
  public record Refused(TxResult.Invalid reason) implements Attempt {}

  /// A block begun.
  ///
  /// @param header all that is known before execution
  private record Begun(Fork fork, Header header, BlockExecution execution) {
    UInt256 baseFee() {
      return header.baseFeePerGas() == null ? UInt256.ZERO : header.baseFeePerGas();
    }

    /// What a transaction that was executed pays the beneficiary.
    UInt256 fee(Transaction t, TxResult.Executed executed) {
      UInt256 tip = UInt256.min(t.maxFeePerGas().minus(baseFee()), t.maxPriorityFeePerGas());
      return tip.timesExact(executed.gasUsed());
    }
  }

  /// Builds on a known header.
  ///
  /// @param executable each sender's transactions by nonce, senders in order of arrival
  public Built build(Header parent, Attributes attributes, List<List<Transaction>> executable) {
    return build(parent, attributes, executable, () -> false);
  }

  /// The same, taking no more once it is `enough`, which is asked before each transaction but the
  /// first.
  public Built build(
      Header parent,
      Attributes attributes,
      List<List<Transaction>> executable,
      BooleanSupplier enough) {
    Begun begun = begin(parent, attributes);
    List<Transaction> included = new ArrayList<>();
    UInt256 fees = include(begun, executable, included, enough);
    return end(parent, attributes, begun, included, fees);
  }

  /// Builds on a known header with these transactions and no others, in this order.
  public Attempt buildExactly(
      Header parent, Attributes attributes, List<Transaction> transactions) {
    Begun begun = begin(parent, attributes);
    UInt256 fees = UInt256.ZERO;
    for (Transaction t : transactions) {
      switch (begun.execution.execute(t)) {
        case TxResult.Executed executed -> fees = fees.plus(begun.fee(t, executed));
        case TxResult.Invalid invalid -> {
          return new Refused(invalid);
        }
      }
    }
    return end(parent, attributes, begun, transactions, fees);
  }

  private Begun begin(Header parent, Attributes attributes) {
    Fork fork = fork(parent, attributes.timestamp());
    Header header = draft(parent, attributes).build();
    return new Begun(
        fork,
        header,
        new BlockExecution(
            network,
            fork,
            header,
            chain.stateAfter(parent),
            ancestors(parent),
            diff -> roots.after(parent, diff)));
  }

  private Built end(
      Header parent, Attributes attributes, Begun begun, List<Transaction> included, UInt256 fees) {
    BlockExecution execution = begun.execution;
    List<Withdrawal> withdrawals =
        begun.fork.atLeast(Fork.SHANGHAI) ? attributes.withdrawals() : null;
    execution
        .finish(List.of(), withdrawals)
        .ifPresent(violation -> {
          throw new IllegalStateException("cannot produce a valid block: " + violation);
        });
    StateDiff diff = execution.diff();
    Block block =
        execution.complete(
            begun.header.toBuilder(), roots.after(parent, diff), included, withdrawals);
    return new Built(block, execution.receipts(), diff, fees, execution.requests());
  }

  private UInt256 include(
      Begun begun,
      List<List<Transaction>> executable,
      List<Transaction> included,
      BooleanSupplier enough) {
    Candidates candidates = new Candidates(executable, begun.baseFee());
    int bytesLeft = ForkRules.of(begun.fork).maxBlockBytes() - ENVELOPE_BYTES;
    UInt256 fees = UInt256.ZERO;
    for (Transaction t = candidates.best(); t != null; t = candidates.best()) {
      long gasBefore = begun.execution.gasUsed();
      boolean full = begun.header.gasLimit() - gasBefore < LEAST_USEFUL_GAS;
      if (full || !included.isEmpty() && enough.getAsBoolean()) {
        break;
      }
      if (t.encode().length > bytesLeft) {
        candidates.skipSender();
        continue;
      }
      switch (begun.execution.execute(t)) {
        case TxResult.Executed executed -> {
          included.add(t);
          bytesLeft -= t.encode().length;
          fees = fees.plus(begun.fee(t, executed));
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
    if (network.qbft() != null) {
      draft.difficulty(rules.nextDifficulty(parent, attributes.timestamp(), fork));
    }
    if (fork.atLeast(Fork.LONDON)) {
      UInt256 chosen = attributes.baseFee();
      draft.baseFeePerGas(chosen != null ? chosen : rules.nextBaseFee(parent));
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
  private long gasLimit(long parent, long wanted) {
    if (network.isDevelopment()) {
      return wanted;
    }
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
