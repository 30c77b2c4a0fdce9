package io.semper.lightclient.beacon;

import io.semper.lightclient.beacon.LightClientUpdate.Kind;

/// Writes the containers servers send.
final class TestSsz {
  private TestSsz() {}

  static byte[] encode(LightClientHeader header, ConsensusFork fork) {
    SszWriter out = new SszWriter();
    header.beacon().write(out);
    if (fork.isAtLeast(ConsensusFork.GLOAS)) {
      out.hash(header.executionBlockHash()).hashes(header.executionBranch());
    } else if (fork.isAtLeast(ConsensusFork.CAPELLA)) {
      out.uint32(BeaconBlockHeader.SSZ_BYTES + 4 + 32 * header.executionBranch().length);
      out.hashes(header.executionBranch());
      header.execution().write(out, fork);
    }
    return out.toBytes();
  }

  static byte[] encode(LightClientBootstrap bootstrap, ConsensusFork fork) {
    byte[] header = encode(bootstrap.header(), fork);
    byte[] committee = bootstrap.currentSyncCommittee().encoded();
    SszWriter out = new SszWriter();
    boolean fixed = LightClientHeader.fixedBytes(fork) > 0;
    if (fixed) {
      out.bytes(header);
    } else {
      out.uint32(4 + committee.length + 32 * bootstrap.currentSyncCommitteeBranch().length);
    }
    out.bytes(committee).hashes(bootstrap.currentSyncCommitteeBranch());
    return (fixed ? out : out.bytes(header)).toBytes();
  }

  static byte[] encode(LightClientUpdate update, Kind kind, ConsensusFork fork, int committeeSize) {
    boolean fixed = LightClientHeader.fixedBytes(fork) > 0;
    boolean finality = kind != Kind.OPTIMISTIC;
    byte[] attested = encode(update.attestedHeader(), fork);
    byte[] finalized = encode(update.finalizedHeader(), fork);
    SszWriter middle = new SszWriter();
    if (kind == Kind.FULL) {
      middle.bytes(
          update.nextSyncCommittee() == null
              ? new byte[SyncCommittee.sszBytes(committeeSize)]
              : update.nextSyncCommittee().encoded());
      middle.hashes(update.nextSyncCommitteeBranch());
    }
    SszWriter tail = new SszWriter();
    if (finality) {
      tail.hashes(update.finalityBranch());
    }
    tail.bytes(update.syncAggregate().bits()).bytes(update.syncAggregate().signature());
    tail.uint64(update.signatureSlot());
    int start = 4 + middle.toBytes().length + (finality ? 4 : 0) + tail.toBytes().length;
    SszWriter out = new SszWriter();
    if (fixed) {
      out.bytes(attested).bytes(middle.toBytes());
      return (finality ? out.bytes(finalized) : out).bytes(tail.toBytes()).toBytes();
    }
    out.uint32(start).bytes(middle.toBytes());
    if (finality) {
      out.uint32(start + attested.length);
    }
    out.bytes(tail.toBytes()).bytes(attested);
    return (finality ? out.bytes(finalized) : out).toBytes();
  }
}
