package io.semper.node.qbft;

import io.semper.chain.qbft.QbftSeal;
import io.semper.chain.qbft.Validators;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.core.view.ChainView;
import java.util.List;
import java.util.TreeSet;

/// Of whom recent blocks show nothing: validators that have neither proposed nor sealed one while
/// everybody had two turns to propose.
///
/// A block need not have more seals than a quorum's, so one alone says little. Who has become a
/// validator meanwhile is not counted, where headers list them.
final class Absence {
  private static final int TURNS = 2;

  /// Recovered at most; with larger sets proposers alone tell.
  private static final int MAX_SEALS = 2_000;

  private final ChainView chain;
  private final Validators validators;
  private Seen latest;

  /// @param validators of the block after `head`
  /// @param missing of them
  /// @param blocks that were looked at, `head` being the last
  record Seen(Hash32 head, List<Address> validators, List<Address> missing, long blocks) {}

  Absence(ChainView chain, Validators validators) {
    this.chain = chain;
    this.validators = validators;
  }

  /// As of a head, remembered until there is another.
  synchronized Seen at(Header head) {
    if (latest == null || !latest.head().equals(head.hash())) {
      latest = look(head);
    }
    return latest;
  }

  private Seen look(Header head) {
    List<Address> set = validators.after(head);
    long blocks = Math.min(head.number(), (long) TURNS * set.size());
    if (blocks < set.size()) {
      return new Seen(head.hash(), set, List.of(), blocks);
    }
    TreeSet<Address> missing = new TreeSet<>(set);
    long first = head.number() - blocks + 1;
    List<Address> before = header(first).qbft().map(QbftExtraData::validators).orElse(List.of());
    if (!before.isEmpty()) {
      missing.retainAll(before);
    }
    for (long number = head.number(); number >= first; number--) {
      missing.remove(header(number).beneficiary());
    }
    int left = MAX_SEALS;
    for (long number = head.number(); number >= first && left > 0 && !missing.isEmpty(); number--) {
      List<Address> sealed = QbftSeal.committers(header(number));
      missing.removeAll(sealed);
      left -= sealed.size();
    }
    return new Seen(head.hash(), set, List.copyOf(missing), blocks);
  }

  private Header header(long number) {
    return chain.header(number).orElseThrow();
  }
}
