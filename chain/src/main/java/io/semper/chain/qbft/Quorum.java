package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.types.QbftSeals;
import java.util.Collections;
import java.util.List;

/// The arithmetic of a set of validators.
final class Quorum {
  private Quorum() {}

  static int faulty(int n) {
    return QbftSeals.faulty(n);
  }

  static int size(int n) {
    return QbftSeals.quorum(n);
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
