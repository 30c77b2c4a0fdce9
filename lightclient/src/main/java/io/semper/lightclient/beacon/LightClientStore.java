package io.semper.lightclient.beacon;

/// What a light client believes. Immutable: applying an update makes another.
///
/// @param nextSyncCommittee that of the period after the finalised header's; `null` if not yet known
/// @param optimisticHeader the newest header that enough signed, not before the finalised one
/// @param previousMaxActiveParticipants most who signed anything, in the timeout before the present
/// @param timeout the number of the timeout (as many slots as a period) the counts belong to
record LightClientStore(
    LightClientHeader finalizedHeader,
    SyncCommittee currentSyncCommittee,
    SyncCommittee nextSyncCommittee,
    LightClientHeader optimisticHeader,
    int previousMaxActiveParticipants,
    int currentMaxActiveParticipants,
    long timeout) {

  boolean isNextSyncCommitteeKnown() {
    return nextSyncCommittee != null;
  }

  /// How many have to be exceeded for a header to become the optimistic one.
  int safetyThreshold() {
    return Math.max(previousMaxActiveParticipants, currentMaxActiveParticipants) / 2;
  }

  /// `process_slot_for_light_client_store`, without its forced update, which would believe a
  /// minority.
  LightClientStore at(long currentTimeout) {
    if (currentTimeout <= timeout) {
      return this;
    }
    return new LightClientStore(
        finalizedHeader,
        currentSyncCommittee,
        nextSyncCommittee,
        optimisticHeader,
        currentTimeout == timeout + 1 ? currentMaxActiveParticipants : 0,
        0,
        currentTimeout);
  }
}
