package io.semper.lightclient;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.types.Bloom;
import io.semper.core.types.Log;
import java.util.List;

/// Which logs of a range of blocks.
///
/// @param addresses any of them, empty for all
/// @param topics by position: any of a list, an empty list for all
public record LogQuery(
    long fromBlock, long toBlock, List<Address> addresses, List<List<Hash32>> topics) {
  public LogQuery {
    addresses = List.copyOf(addresses);
    topics = topics.stream().map(List::copyOf).toList();
  }

  boolean matches(Log log) {
    if (!addresses.isEmpty() && !addresses.contains(log.address())) {
      return false;
    }
    if (topics.size() > log.topics().size()) {
      return false;
    }
    for (int i = 0; i < topics.size(); i++) {
      if (!topics.get(i).isEmpty() && !topics.get(i).contains(log.topics().get(i))) {
        return false;
      }
    }
    return true;
  }

  /// Whether a block may hold such logs: `false` proves that it does not.
  boolean mayMatch(Bloom bloom) {
    if (!addresses.isEmpty() && addresses.stream().noneMatch(bloom::mayContain)) {
      return false;
    }
    for (List<Hash32> any : topics) {
      if (!any.isEmpty() && any.stream().noneMatch(bloom::mayContain)) {
        return false;
      }
    }
    return true;
  }
}
