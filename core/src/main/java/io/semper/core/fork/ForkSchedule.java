package io.semper.core.fork;

import io.semper.core.bytes.UInt256;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// When a network enters each fork, and its blob limits: the one source for rule lookup, fork id,
/// blob limits and `eth_config`.
///
/// Immutable. A fork that is not scheduled is never entered; a later fork implies all before it.
public final class ForkSchedule {
  private static final Fork[] FORKS = Fork.values();

  private final EnumMap<Fork, Long> activations;
  private final EnumMap<Fork, BlobParams> blobParams;
  private final UInt256 terminalTotalDifficulty;
  private final boolean timedWithoutMerge;

  /// @param activations block numbers or timestamps by the kind of fork; Paris, where present, is
  ///   the block number networks agreed on after their merge so that fork ids tell both sides apart
  ///   (`mergeNetsplitBlock`); it does not decide when proof of stake begins
  /// @param blobParams limits by the fork that changed them; a fork without an entry keeps the ones
  ///   before it
  /// @param terminalTotalDifficulty total difficulty that ends proof of work, or `null` for never
  public ForkSchedule(
      Map<Fork, Long> activations,
      Map<Fork, BlobParams> blobParams,
      UInt256 terminalTotalDifficulty) {
    this(activations, blobParams, terminalTotalDifficulty, false);
  }

  /// @param timedWithoutMerge whether forks with a time are entered by time alone, as on networks
  ///   with a consensus of their own
  public ForkSchedule(
      Map<Fork, Long> activations,
      Map<Fork, BlobParams> blobParams,
      UInt256 terminalTotalDifficulty,
      boolean timedWithoutMerge) {
    this.activations = new EnumMap<>(Fork.class);
    this.activations.putAll(activations);
    this.blobParams = new EnumMap<>(Fork.class);
    this.blobParams.putAll(blobParams);
    this.terminalTotalDifficulty = terminalTotalDifficulty;
    this.timedWithoutMerge = timedWithoutMerge;
  }

  /// The fork whose rules govern a block.
  ///
  /// @param proofOfStake whether the block comes after the merge: its difficulty is zero and the
  ///   total difficulty of its parent has reached the terminal one
  public Fork at(long number, long timestamp, boolean proofOfStake) {
    Fork found = Fork.FRONTIER;
    for (Fork fork : FORKS) {
      boolean entered;
      if (fork == Fork.PARIS) {
        entered = proofOfStake;
      } else {
        Long at = activations.get(fork);
        entered =
            at != null
                && (fork.byNumber()
                    ? number >= at
                    : (proofOfStake || timedWithoutMerge)
                        && Long.compareUnsigned(timestamp, at) >= 0);
      }
      if (entered) {
        found = fork;
      }
    }
    return found;
  }

  /// The block number or timestamp at which a fork is entered, empty where it is not scheduled.
  public OptionalLong activation(Fork fork) {
    Long at = activations.get(fork);
    return at == null ? OptionalLong.empty() : OptionalLong.of(at);
  }

  /// The forks that have an activation, in their order.
  public Set<Fork> scheduled() {
    return Collections.unmodifiableSet(activations.keySet());
  }

  /// Blob limits under a fork's rules: those of the newest fork up to it that set any.
  public BlobParams blobParams(Fork fork) {
    for (int i = fork.ordinal(); i >= Fork.CANCUN.ordinal(); i--) {
      BlobParams params = blobParams.get(FORKS[i]);
      if (params != null) {
        return params;
      }
      if (FORKS[i] == Fork.PRAGUE) {
        return BlobParams.PRAGUE;
      }
    }
    return fork.atLeast(Fork.CANCUN) ? BlobParams.CANCUN : BlobParams.NONE;
  }

  /// `null` where the network never leaves proof of work.
  public UInt256 terminalTotalDifficulty() {
    return terminalTotalDifficulty;
  }

  /// Whether the chain is proof of stake from its first block.
  public boolean mergedAtGenesis() {
    return terminalTotalDifficulty != null && terminalTotalDifficulty.isZero();
  }
}
