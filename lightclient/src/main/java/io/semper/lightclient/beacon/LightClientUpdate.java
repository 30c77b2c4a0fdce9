package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;

/// What a sync committee attests to: a header, and by proof against its state the finalised header
/// and the next committee. Finality updates lack the committee, optimistic updates both.
///
/// @param nextSyncCommittee `null` for none
/// @param nextSyncCommitteeBranch zero where there is none
/// @param finalizedHeader empty where there is none, and where nothing is final yet
/// @param finalityBranch zero where there is none
/// @param signatureSlot the slot of the block that carries the signature
public record LightClientUpdate(
    LightClientHeader attestedHeader,
    SyncCommittee nextSyncCommittee,
    Hash32[] nextSyncCommitteeBranch,
    LightClientHeader finalizedHeader,
    Hash32[] finalityBranch,
    SyncAggregate syncAggregate,
    long signatureSlot) {

  /// The three containers this is read from.
  public enum Kind {
    FULL,
    FINALITY,
    OPTIMISTIC
  }

  static LightClientUpdate read(byte[] ssz, Kind kind, ConsensusFork fork, int committeeSize) {
    SszReader in = new SszReader(ssz);
    int fixed = LightClientHeader.fixedBytes(fork);
    int committeeDepth = ConsensusFork.depth(fork.nextSyncCommitteeIndex);
    int finalityDepth = ConsensusFork.depth(fork.finalizedRootIndex);
    boolean hasFinality = kind != Kind.OPTIMISTIC;
    SszReader attested = fixed > 0 ? in.part(fixed) : null;
    int attestedAt = fixed > 0 ? 0 : in.offset();
    SyncCommittee committee = null;
    Hash32[] committeeBranch = Ssz.noBranch(committeeDepth);
    if (kind == Kind.FULL) {
      committee = SyncCommittee.read(in, committeeSize);
      committeeBranch = in.hashes(committeeDepth);
    }
    SszReader finalized = hasFinality && fixed > 0 ? in.part(fixed) : null;
    int finalizedAt = hasFinality && fixed == 0 ? in.offset() : in.length();
    Hash32[] finalityBranch = hasFinality ? in.hashes(finalityDepth) : Ssz.noBranch(finalityDepth);
    SyncAggregate aggregate = SyncAggregate.read(in, committeeSize);
    long signatureSlot = in.uint64();
    if (fixed == 0) {
      attested = in.variable(attestedAt, finalizedAt);
      finalized = hasFinality ? in.variable(finalizedAt, in.length()) : null;
    }
    in.end();
    return new LightClientUpdate(
        LightClientHeader.read(attested, fork),
        committee,
        committeeBranch,
        hasFinality ? LightClientHeader.read(finalized, fork) : LightClientHeader.EMPTY,
        finalityBranch,
        aggregate,
        signatureSlot);
  }

  boolean isSyncCommitteeUpdate() {
    return !Ssz.isZero(nextSyncCommitteeBranch);
  }

  boolean isFinalityUpdate() {
    return !Ssz.isZero(finalityBranch);
  }
}
