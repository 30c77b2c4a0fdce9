package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;

/// The functions of the light client's sync protocol (consensus-specs,
/// `specs/altair/light-client/sync-protocol.md` and its extensions up to Gloas), in their words and
/// order. Pure: what verifies changes nothing, what applies cannot fail.
final class SyncProtocol {
  static final int MIN_SYNC_COMMITTEE_PARTICIPANTS = 1;
  static final long GENESIS_SLOT = 0;

  private final ConsensusNetwork network;

  SyncProtocol(ConsensusNetwork network) {
    this.network = network;
  }

  /// Why something is not believed.
  ///
  /// @param lie whether no honest source would have said it; false where it may be old, early, or
  ///   meant for another
  record Refusal(String reason, boolean lie) {}

  private static Refusal lie(String reason) {
    return new Refusal(reason, true);
  }

  private static Refusal notNow(String reason) {
    return new Refusal(reason, false);
  }

  /// The verifying half of `initialize_light_client_store`.
  ///
  /// @return `null` if `bootstrap` belongs to the block trusted
  Refusal verifyBootstrap(Hash32 trustedBlockRoot, LightClientBootstrap bootstrap) {
    LightClientHeader header = bootstrap.header();
    ConsensusFork fork = network.forkAtSlot(header.slot());
    Hash32 root = header.beacon().root();
    if (!root.equals(trustedBlockRoot)) {
      return lie("bootstrap is of block " + root + ", not of " + trustedBlockRoot);
    }
    if (!header.isValid(fork)) {
      return lie("execution block of the bootstrap is not proven");
    }
    if (bootstrap.currentSyncCommittee() == null
        || !Ssz.isValidBranch(
            bootstrap.currentSyncCommittee().root(),
            bootstrap.currentSyncCommitteeBranch(),
            fork.currentSyncCommitteeIndex,
            header.beacon().stateRoot())) {
      return lie("sync committee of the bootstrap is not proven");
    }
    return null;
  }

  /// The applying half of `initialize_light_client_store`.
  LightClientStore initialize(LightClientBootstrap bootstrap, long currentSlot) {
    return new LightClientStore(
        bootstrap.header(),
        bootstrap.currentSyncCommittee(),
        null,
        bootstrap.header(),
        0,
        0,
        currentSlot / network.slotsPerPeriod());
  }

  /// `validate_light_client_update`.
  ///
  /// @return `null` if the update is valid
  Refusal verifyUpdate(LightClientStore store, LightClientUpdate update, long currentSlot) {
    LightClientHeader attested = update.attestedHeader();
    LightClientHeader finalized = update.finalizedHeader();
    long signatureSlot = update.signatureSlot();
    // Verify sync committee has sufficient participants
    if (update.syncAggregate().participants() < MIN_SYNC_COMMITTEE_PARTICIPANTS) {
      return lie("nobody signed");
    }
    // Verify update does not skip a sync committee period
    ConsensusFork fork = network.forkAtSlot(attested.slot());
    if (!attested.isValid(fork)) {
      return lie("execution block at slot " + attested.slot() + " is not proven");
    }
    if (Long.compareUnsigned(signatureSlot, attested.slot()) <= 0
        || Long.compareUnsigned(attested.slot(), finalized.slot()) < 0) {
      return lie(
          "signed at slot %s, attested %s, finalised %s: out of order"
              .formatted(
                  Long.toUnsignedString(signatureSlot),
                  Long.toUnsignedString(attested.slot()),
                  Long.toUnsignedString(finalized.slot())));
    }
    if (Long.compareUnsigned(currentSlot, signatureSlot) < 0) {
      return notNow(
          "signed at slot %s, now it is %d"
              .formatted(Long.toUnsignedString(signatureSlot), currentSlot));
    }
    long storePeriod = network.periodAt(store.finalizedHeader().slot());
    long signaturePeriod = network.periodAt(signatureSlot);
    boolean nextKnown = store.isNextSyncCommitteeKnown();
    if (signaturePeriod != storePeriod && !(nextKnown && signaturePeriod == storePeriod + 1)) {
      return notNow(
          "signed in period %d; committee known of %d%s"
              .formatted(signaturePeriod, storePeriod, nextKnown ? " and the next" : ""));
    }
    // Verify update is relevant
    long attestedPeriod = network.periodAt(attested.slot());
    boolean bringsNextSyncCommittee =
        !nextKnown && update.isSyncCommitteeUpdate() && attestedPeriod == storePeriod;
    if (attested.slot() <= store.finalizedHeader().slot() && !bringsNextSyncCommittee) {
      return notNow("nothing new at slot " + attested.slot());
    }
    // Verify that the finality branch, if present, confirms the finalized header
    if (!update.isFinalityUpdate()) {
      if (!finalized.isEmpty()) {
        return lie("finalised header without proof");
      }
    } else {
      Hash32 finalizedRoot = Hash32.ZERO;
      if (finalized.slot() == GENESIS_SLOT) {
        if (!finalized.isEmpty()) {
          return lie("finalised header of slot 0");
        }
      } else if (!finalized.isValid(network.forkAtSlot(finalized.slot()))) {
        return lie("execution block at finalised slot " + finalized.slot() + " is not proven");
      } else {
        finalizedRoot = finalized.beacon().root();
      }
      if (!Ssz.isValidBranch(
          finalizedRoot,
          update.finalityBranch(),
          fork.finalizedRootIndex,
          attested.beacon().stateRoot())) {
        return lie("finalised header of slot " + finalized.slot() + " is not proven");
      }
    }
    // Verify that the next sync committee, if present, is the one in the attested state
    SyncCommittee next = update.nextSyncCommittee();
    if (!update.isSyncCommitteeUpdate()) {
      if (next != null) {
        return lie("next sync committee without proof");
      }
    } else {
      if (next == null
          || !Ssz.isValidBranch(
              next.root(),
              update.nextSyncCommitteeBranch(),
              fork.nextSyncCommitteeIndex,
              attested.beacon().stateRoot())) {
        return lie("next sync committee is not proven");
      }
      if (attestedPeriod == storePeriod && nextKnown && !next.equals(store.nextSyncCommittee())) {
        return notNow("another next sync committee than the one known");
      }
    }
    // Verify sync committee aggregate signature
    SyncCommittee committee =
        signaturePeriod == storePeriod ? store.currentSyncCommittee() : store.nextSyncCommittee();
    Hash32 message = network.syncSigningRoot(attested.beacon().root(), signatureSlot);
    return committee.signed(update.syncAggregate(), message)
        ? null
        : lie("signature of the sync committee at slot " + signatureSlot + " is wrong");
  }

  /// The applying half of `process_light_client_update`, for an update that has been verified.
  LightClientStore apply(LightClientStore before, LightClientUpdate update, long currentSlot) {
    LightClientStore store = before.at(currentSlot / network.slotsPerPeriod());
    int participants = update.syncAggregate().participants();
    // Track the maximum number of active participants in the committee signatures
    int most = Math.max(store.currentMaxActiveParticipants(), participants);
    store =
        new LightClientStore(
            store.finalizedHeader(),
            store.currentSyncCommittee(),
            store.nextSyncCommittee(),
            store.optimisticHeader(),
            store.previousMaxActiveParticipants(),
            most,
            store.timeout());
    // Update the optimistic header
    LightClientHeader attested = update.attestedHeader();
    if (participants > store.safetyThreshold()
        && attested.slot() > store.optimisticHeader().slot()) {
      store = with(store, store.finalizedHeader(), attested);
    }
    // Update finalized header
    LightClientHeader finalized = update.finalizedHeader();
    boolean finalizesNextSyncCommittee =
        !store.isNextSyncCommitteeKnown()
            && update.isSyncCommitteeUpdate()
            && update.isFinalityUpdate()
            && network.periodAt(finalized.slot()) == network.periodAt(attested.slot());
    boolean newer = finalized.slot() > store.finalizedHeader().slot();
    return update.syncAggregate().isSupermajority() && (newer || finalizesNextSyncCommittee)
        ? applyUpdate(store, update)
        : store;
  }

  /// `apply_light_client_update`.
  LightClientStore applyUpdate(LightClientStore store, LightClientUpdate update) {
    LightClientHeader finalized = update.finalizedHeader();
    long storePeriod = network.periodAt(store.finalizedHeader().slot());
    SyncCommittee current = store.currentSyncCommittee();
    SyncCommittee next = store.nextSyncCommittee();
    if (!store.isNextSyncCommitteeKnown()) {
      next = update.nextSyncCommittee();
    } else if (network.periodAt(finalized.slot()) == storePeriod + 1) {
      current = next;
      next = update.nextSyncCommittee();
    }
    LightClientStore rotated =
        new LightClientStore(
            store.finalizedHeader(),
            current,
            next,
            store.optimisticHeader(),
            store.previousMaxActiveParticipants(),
            store.currentMaxActiveParticipants(),
            store.timeout());
    return finalized.slot() > store.finalizedHeader().slot()
        ? with(rotated, finalized, rotated.optimisticHeader())
        : rotated;
  }

  private static LightClientStore with(
      LightClientStore store, LightClientHeader finalized, LightClientHeader optimistic) {
    return new LightClientStore(
        finalized,
        store.currentSyncCommittee(),
        store.nextSyncCommittee(),
        finalized.slot() > optimistic.slot() ? finalized : optimistic,
        store.previousMaxActiveParticipants(),
        store.currentMaxActiveParticipants(),
        store.timeout());
  }

  /// `is_better_update`.
  boolean isBetter(LightClientUpdate update, LightClientUpdate old) {
    int participants = update.syncAggregate().participants();
    int oldParticipants = old.syncAggregate().participants();
    // Compare supermajority (> 2/3) sync committee participation
    boolean supermajority = update.syncAggregate().isSupermajority();
    if (supermajority != old.syncAggregate().isSupermajority()) {
      return supermajority;
    }
    if (!supermajority && participants != oldParticipants) {
      return participants > oldParticipants;
    }
    // Compare presence of relevant sync committee
    boolean relevant = hasRelevantSyncCommittee(update);
    if (relevant != hasRelevantSyncCommittee(old)) {
      return relevant;
    }
    // Compare indication of any finality
    if (update.isFinalityUpdate() != old.isFinalityUpdate()) {
      return update.isFinalityUpdate();
    }
    // Compare sync committee finality
    boolean finality = hasSyncCommitteeFinality(update);
    if (update.isFinalityUpdate() && finality != hasSyncCommitteeFinality(old)) {
      return finality;
    }
    // Tiebreaker 1: Sync committee participation beyond supermajority
    if (participants != oldParticipants) {
      return participants > oldParticipants;
    }
    // Tiebreaker 2: Prefer older data (fewer changes to best)
    if (update.attestedHeader().slot() != old.attestedHeader().slot()) {
      return update.attestedHeader().slot() < old.attestedHeader().slot();
    }
    return update.signatureSlot() < old.signatureSlot();
  }

  private boolean hasRelevantSyncCommittee(LightClientUpdate update) {
    return update.isSyncCommitteeUpdate()
        && network.periodAt(update.attestedHeader().slot())
            == network.periodAt(update.signatureSlot());
  }

  private boolean hasSyncCommitteeFinality(LightClientUpdate update) {
    return network.periodAt(update.finalizedHeader().slot())
        == network.periodAt(update.attestedHeader().slot());
  }
}
