package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;

/// A beacon block with proof of the execution block in its body.
///
/// @param execution from Capella to Fulu; empty in older headers, `null` from Gloas on, whose
///   headers carry the hash alone
/// @param executionBlockHash the hash of the execution block; zero before Capella
/// @param executionBranch from the execution part to the body's root
record LightClientHeader(
    BeaconBlockHeader beacon,
    ExecutionPayloadHeader execution,
    Hash32 executionBlockHash,
    Hash32[] executionBranch) {
  static final LightClientHeader EMPTY =
      of(
          BeaconBlockHeader.EMPTY,
          ExecutionPayloadHeader.EMPTY,
          Ssz.noBranch(ConsensusFork.FULU.executionBranchLength()));

  static LightClientHeader of(
      BeaconBlockHeader beacon, ExecutionPayloadHeader execution, Hash32[] branch) {
    return new LightClientHeader(beacon, execution, execution.blockHash(), branch);
  }

  /// Bytes of a header of fixed length, before Capella and from Gloas on; 0 for those between.
  static int fixedBytes(ConsensusFork fork) {
    return !fork.isAtLeast(ConsensusFork.CAPELLA)
        ? BeaconBlockHeader.SSZ_BYTES
        : fork.isAtLeast(ConsensusFork.GLOAS)
            ? BeaconBlockHeader.SSZ_BYTES + (1 + fork.executionBranchLength()) * Hash32.BYTES
            : 0;
  }

  static LightClientHeader read(SszReader in, ConsensusFork fork) {
    BeaconBlockHeader beacon = BeaconBlockHeader.read(in);
    LightClientHeader header;
    if (fork.isAtLeast(ConsensusFork.GLOAS)) {
      Hash32 hash = in.hash();
      header = new LightClientHeader(beacon, null, hash, in.hashes(fork.executionBranchLength()));
    } else if (fork.isAtLeast(ConsensusFork.CAPELLA)) {
      int executionAt = in.offset();
      Hash32[] branch = in.hashes(fork.executionBranchLength());
      SszReader tail = in.variable(executionAt, in.length());
      header = of(beacon, ExecutionPayloadHeader.read(tail, fork), branch);
      tail.end();
    } else {
      header = of(beacon, ExecutionPayloadHeader.EMPTY, EMPTY.executionBranch);
    }
    in.end();
    return header;
  }

  /// Writes the shape of Deneb to Fulu, or of Gloas if there is no payload.
  void write(SszWriter out) {
    beacon.write(out);
    if (execution == null) {
      out.hash(executionBlockHash).hashes(executionBranch);
    } else {
      int fixed = BeaconBlockHeader.SSZ_BYTES + Integer.BYTES;
      out.uint32(fixed + executionBranch.length * Hash32.BYTES).hashes(executionBranch);
      execution.write(out, ConsensusFork.FULU);
    }
  }

  byte[] encode() {
    SszWriter out = new SszWriter();
    write(out);
    return out.toBytes();
  }

  /// Reads what [#encode] writes.
  static LightClientHeader decode(byte[] in) {
    boolean hashOnly = in.length == fixedBytes(ConsensusFork.GLOAS);
    if (!hashOnly && in.length < fixedBytes(ConsensusFork.ALTAIR)) {
      throw new MalformedInputException("header of " + in.length + " bytes", 0);
    }
    return read(new SszReader(in), hashOnly ? ConsensusFork.GLOAS : ConsensusFork.FULU);
  }

  long slot() {
    return beacon.slot();
  }

  boolean isEmpty() {
    return beacon.equals(BeaconBlockHeader.EMPTY)
        && executionBlockHash.isZero()
        && Ssz.isZero(executionBranch)
        && (execution == null || execution.isEmpty());
  }

  /// `get_lc_execution_root`, for headers with a payload.
  Hash32 executionRoot(ConsensusFork fork) {
    return fork.isAtLeast(ConsensusFork.CAPELLA) ? execution.root(fork) : Hash32.ZERO;
  }

  /// `is_valid_light_client_header`: whether the body contains this execution block.
  ///
  /// @param fork the one at the header's slot, which may be before that of the container it came in
  boolean isValid(ConsensusFork fork) {
    if (!fork.isAtLeast(ConsensusFork.CAPELLA)) {
      return executionBlockHash.isZero()
          && Ssz.isZero(executionBranch)
          && (execution == null || execution.isEmpty());
    }
    if (execution == null) {
      return Ssz.isValidBranch(
          executionBlockHash, executionBranch, fork.executionBlockHashIndex(), beacon.bodyRoot());
    }
    boolean blobsBeforeTheirTime =
        !fork.isAtLeast(ConsensusFork.DENEB)
            && (execution.blobGasUsed() != 0 || execution.excessBlobGas() != 0);
    return !fork.isAtLeast(ConsensusFork.GLOAS)
        && !blobsBeforeTheirTime
        && Ssz.isValidBranch(
            executionRoot(fork),
            executionBranch,
            ConsensusFork.EXECUTION_PAYLOAD_INDEX,
            beacon.bodyRoot());
  }
}
