package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;

/// A header and the sync committee in its state: where a light client begins.
public record LightClientBootstrap(
    LightClientHeader header,
    SyncCommittee currentSyncCommittee,
    Hash32[] currentSyncCommitteeBranch) {

  static LightClientBootstrap read(byte[] ssz, ConsensusFork fork, int committeeSize) {
    SszReader in = new SszReader(ssz);
    int fixed = LightClientHeader.fixedBytes(fork);
    SszReader header = fixed > 0 ? in.part(fixed) : null;
    int headerAt = fixed > 0 ? 0 : in.offset();
    SyncCommittee committee = SyncCommittee.read(in, committeeSize);
    Hash32[] branch = in.hashes(ConsensusFork.depth(fork.currentSyncCommitteeIndex));
    if (header == null) {
      header = in.variable(headerAt, in.length());
    }
    in.end();
    return new LightClientBootstrap(LightClientHeader.read(header, fork), committee, branch);
  }
}
