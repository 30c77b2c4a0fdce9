package io.semper.lightclient;

import io.semper.core.types.Header;
import io.semper.lightclient.beacon.BeaconFollower;
import java.util.List;
import java.util.Optional;

/// Moves the verified head on, by the rules of a kind of network. Used by one thread.
sealed interface HeadFollower permits QbftFollower, SyncCommitteeFollower {
  /// What a look at all there is to ask has brought.
  ///
  /// @param head the new head, empty where there is none
  /// @param finalized the newest final block, where heads may be replaced; empty where each is
  ///   final
  /// @param witnesses how many name a verified block
  record Step(Optional<Header> head, Optional<Header> finalized, int witnesses) {
    static final Step NOTHING = new Step(Optional.empty(), Optional.empty(), 0);
  }

  /// Looks for a new head.
  ///
  /// @param chain what is verified so far
  Step step(HeaderChain chain);

  /// Does what a new head need not wait for, a little at a time.
  default void settle() {}

  /// Whom it asks beside the nodes of the network.
  List<BeaconFollower.Status> sources();

  /// What to keep in order to go on from here.
  LightStore.Content content(Header head);
}
