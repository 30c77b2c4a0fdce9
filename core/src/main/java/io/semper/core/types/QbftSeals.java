package io.semper.core.types;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Signature;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/// The arithmetic of a set of QBFT validators, and the check of their seals.
public final class QbftSeals {
  private QbftSeals() {}

  /// How many of `n` validators may be faulty: the largest f with 3f < n.
  public static int faulty(int n) {
    return (n - 1) / 3;
  }

  /// How many of `n` decide: any two quorums share a validator that is not faulty. Note that 2f + 1
  /// would not do where n is no 3f + 1.
  public static int quorum(int n) {
    return (2 * n + 2) / 3;
  }

  /// Looks for what is wrong with a header's seals: too few, too many, one of nobody in the set,
  /// two of one validator.
  ///
  /// @param header of QBFT
  /// @param set the validators of the block, sorted
  /// @param needed seals that make a block final
  /// @param recovery who signed a hash, `null` where the signature is none
  /// @param committers receives who sealed
  public static Optional<String> problem(
      Header header,
      List<Address> set,
      int needed,
      BiFunction<Hash32, Signature, Address> recovery,
      Collection<Address> committers) {
    QbftExtraData extra = header.qbft().orElseThrow();
    if (extra.seals().size() < needed) {
      return Optional.of(
          extra.seals().size() + " seals, " + needed + " of " + set.size() + " needed");
    }
    if (extra.seals().size() > set.size()) {
      return Optional.of(extra.seals().size() + " seals of " + set.size() + " validators");
    }
    Hash32 sealHash = header.sealHash();
    Set<Address> seen = new HashSet<>();
    for (Signature seal : extra.seals()) {
      Address committer = recovery.apply(sealHash, seal);
      if (committer == null || Collections.binarySearch(set, committer) < 0) {
        return Optional.of(
            "seal of "
                + (committer == null ? "nobody" : committer.toString())
                + " for round "
                + extra.round()
                + ", who is no validator");
      }
      if (!seen.add(committer)) {
        return Optional.of("two seals of " + committer);
      }
      committers.add(committer);
    }
    return Optional.empty();
  }
}
