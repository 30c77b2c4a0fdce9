package io.semper.genesis;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import java.util.List;

/// What the nodes of a QBFT network must agree on, block by block.
///
/// @param initial what holds from the first block on
/// @param transitions what changes later, in the order of the genesis file
/// @param freeGasLimit whether a block's gas limit may be any, as GoQuorum has it, instead of near
///   its parent's
/// @param minimumGasPrice wei of a unit of gas for which its validators take a transaction; says
///   nothing about blocks
public record Qbft(
    Settings initial, List<Transition> transitions, boolean freeGasLimit, UInt256 minimumGasPrice) {
  /// Of the first round's timeout, where no cap is set.
  private static final int DEFAULT_CAP_FACTOR = 4;

  /// More never fits below any cap.
  private static final int MAX_DOUBLINGS = 20;

  public Qbft {
    transitions = List.copyOf(transitions);
  }

  /// @param epochLength blocks from one renewal of the validators, where votes are forgotten, to
  ///   the next
  /// @param blockPeriodSeconds least time between blocks
  /// @param emptyBlockPeriodSeconds time between blocks while there is nothing to put in one, 0 for
  ///   no other than the block period
  /// @param requestTimeoutSeconds of the first round; doubles with each further one
  /// @param maxRequestTimeoutSeconds what no round's timeout exceeds, 0 for four times the first's
  /// @param validatorContract that names the validators, or `null` where headers do
  /// @param miningBeneficiary who earns fees and rewards, or `null` for each block's proposer
  /// @param blockReward wei
  public record Settings(
      long epochLength,
      long blockPeriodSeconds,
      long emptyBlockPeriodSeconds,
      long requestTimeoutSeconds,
      long maxRequestTimeoutSeconds,
      Address validatorContract,
      Address miningBeneficiary,
      UInt256 blockReward) {

    /// Milliseconds until a round is given up.
    public long timeoutMillis(int round) {
      long base = requestTimeoutSeconds * 1000;
      return round >= MAX_DOUBLINGS
          ? maxTimeoutMillis()
          : Math.min(base << round, maxTimeoutMillis());
    }

    /// What no round takes longer than: rounds stay close together however long a network was
    /// without quorum.
    public long maxTimeoutMillis() {
      long most = maxRequestTimeoutSeconds == 0 ? DEFAULT_CAP_FACTOR : 1;
      most *= maxRequestTimeoutSeconds == 0 ? requestTimeoutSeconds : maxRequestTimeoutSeconds;
      return Math.max(most, requestTimeoutSeconds) * 1000;
    }

    /// Milliseconds without a block, or a word of a validator, after which something is wrong: two
    /// proposers in a row have failed by then.
    public long patienceMillis() {
      return emptyPeriodMillis() + timeoutMillis(0) + timeoutMillis(1);
    }

    /// Milliseconds from a block to an empty one after it.
    public long emptyPeriodMillis() {
      return Math.max(emptyBlockPeriodSeconds, blockPeriodSeconds) * 1000;
    }
  }

  /// A change of settings.
  ///
  /// @param byTime whether `at` is a time, reached by the parent's timestamp, or a block number
  /// @param changed which settings it changes, applied to those before it
  /// @param validators who replace the validators at this very block, or `null`
  public record Transition(boolean byTime, long at, Change changed, List<Address> validators) {
    boolean reached(long number, long parentTimestamp) {
      return byTime ? Long.compareUnsigned(parentTimestamp, at) >= 0 : number >= at;
    }
  }

  /// Applied to the settings before.
  @FunctionalInterface
  public interface Change {
    Settings apply(Settings before);
  }

  /// The settings of the block with a number on top of a parent with a time.
  public Settings at(long number, long parentTimestamp) {
    Settings settings = initial;
    for (Transition transition : transitions) {
      if (transition.reached(number, parentTimestamp)) {
        settings = transition.changed().apply(settings);
      }
    }
    return settings;
  }

  /// Who earns the fees and rewards of a block, `proposer` unless the network has chosen another.
  public Address beneficiary(long number, Address proposer) {
    Address chosen = at(number, 0).miningBeneficiary();
    return chosen == null ? proposer : chosen;
  }

  /// Who replace the validators at a block, or `null`.
  public List<Address> replacedAt(long number) {
    for (Transition transition : transitions) {
      if (!transition.byTime() && transition.at() == number && transition.validators() != null) {
        return transition.validators();
      }
    }
    return null;
  }
}
