package io.semper.rpc.eth;

import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.core.view.ChainView.HeadChange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// How the chain got from one head to another.
final class HeadPath {
  private HeadPath() {}

  /// Follows parents from both heads to where they meet. Where the way is longer than `max` blocks,
  /// only the newest `max` of it are returned, and nothing counts as removed.
  static HeadChange between(ChainView chain, Header from, Header to, int max) {
    List<Header> removed = new ArrayList<>();
    List<Header> added = new ArrayList<>();
    Header old = from;
    Header young = to;
    while (!old.hash().equals(young.hash())) {
      if (added.size() == max || removed.size() == max) {
        return new HeadChange(List.of(), oldestFirst(added));
      }
      boolean back = old.number() >= young.number();
      if (young.number() >= old.number()) {
        added.add(young);
        young = chain.header(young.parentHash()).orElse(null);
      }
      if (back) {
        removed.add(old);
        old = chain.header(old.parentHash()).orElse(null);
      }
      if (old == null || young == null) {
        return new HeadChange(List.of(), oldestFirst(added));
      }
    }
    return new HeadChange(removed, oldestFirst(added));
  }

  private static List<Header> oldestFirst(List<Header> newestFirst) {
    Collections.reverse(newestFirst);
    return newestFirst;
  }
}
