package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import java.util.Collections;
import java.util.List;

/// The arithmetic of a set of validators.
final class Quorum {
  private Quorum() {}

  /// How many of `n` validators may be faulty: the largest f with 3f < n.
  static int faulty(int n) {
    return (n - 1) / 3;
  }

  /// How many of `n` decide: any two quorums share a validator that is not faulty. Note that 2f + 1
  /// would not do where n is no 3f + 1.
  static int size(int n) {
    return (2 * n + 2) / 3;
  }

  /// Who proposes the block on top of a parent.
  ///
  /// The turn goes round the sorted set, from whom proposed the parent on. Where that one is no
  /// validator (any more) it begins with the next address above.
  ///
  /// @param validators sorted
  /// @param last the parent's proposer
  static Address proposer(List<Address> validators, Address last, int round) {
    int at = Collections.binarySearch(validators, last);
    long first = at >= 0 ? at + 1L : -(at + 1L);
    return validators.get((int) ((first + round) % validators.size()));
  }
}
