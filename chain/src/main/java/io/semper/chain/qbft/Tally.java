package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import io.semper.core.types.QbftExtraData.Vote;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Validators with the votes that may change them, as of a block. Immutable.
///
/// A change is made by more than half of the validators, each of which has one vote about another
/// address: its latest.
///
/// @param validators sorted
/// @param votes by subject and voter: whether to add
record Tally(List<Address> validators, Map<Address, Map<Address, Boolean>> votes) {
  static Tally of(List<Address> validators) {
    return new Tally(List.copyOf(new TreeSet<>(validators)), Map.of());
  }

  /// The tally with one more vote counted.
  Tally with(Address voter, Vote vote) {
    Map<Address, Map<Address, Boolean>> all = new HashMap<>(votes);
    Map<Address, Boolean> about = new HashMap<>(all.getOrDefault(vote.recipient(), Map.of()));
    about.put(voter, vote.add());
    long equal = about.values().stream().filter(add -> add == vote.add()).count();
    if (equal <= validators.size() / 2) {
      all.put(vote.recipient(), Map.copyOf(about));
      return new Tally(validators, Map.copyOf(all));
    }
    all.remove(vote.recipient());
    TreeSet<Address> changed = new TreeSet<>(validators);
    if (vote.add()) {
      changed.add(vote.recipient());
    } else {
      changed.remove(vote.recipient());
      all.replaceAll((subject, cast) -> without(cast, vote.recipient()));
    }
    return new Tally(List.copyOf(changed), Map.copyOf(all));
  }

  /// Who is no validator any more has no votes either.
  private static Map<Address, Boolean> without(Map<Address, Boolean> cast, Address voter) {
    Map<Address, Boolean> rest = new HashMap<>(cast);
    rest.remove(voter);
    return Map.copyOf(rest);
  }
}
