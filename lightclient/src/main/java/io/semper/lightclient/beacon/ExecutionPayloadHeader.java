package io.semper.lightclient.beacon;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.rlp.MalformedInputException;
import java.util.Arrays;

/// The execution block of a beacon block as headers carry it from Capella to Fulu. Its roots of
/// transactions and withdrawals are those of Simple Serialize, so it cannot be hashed to
/// `blockHash`; that is taken from the proof.
///
/// @param logsBloom 256 bytes
/// @param extraData at most 32 bytes
/// @param blobGasUsed zero before Deneb, as `excessBlobGas`
record ExecutionPayloadHeader(
    Hash32 parentHash,
    Address feeRecipient,
    Hash32 stateRoot,
    Hash32 receiptsRoot,
    byte[] logsBloom,
    Hash32 prevRandao,
    long blockNumber,
    long gasLimit,
    long gasUsed,
    long timestamp,
    byte[] extraData,
    UInt256 baseFeePerGas,
    Hash32 blockHash,
    Hash32 transactionsRoot,
    Hash32 withdrawalsRoot,
    long blobGasUsed,
    long excessBlobGas) {
  static final int LOGS_BLOOM_BYTES = 256;
  static final int MAX_EXTRA_DATA_BYTES = 32;

  private static final int CAPELLA_FIXED_BYTES = 568;
  private static final int DENEB_FIXED_BYTES = 584;

  static final ExecutionPayloadHeader EMPTY =
      new ExecutionPayloadHeader(
          Hash32.ZERO,
          Address.ZERO,
          Hash32.ZERO,
          Hash32.ZERO,
          new byte[LOGS_BLOOM_BYTES],
          Hash32.ZERO,
          0,
          0,
          0,
          0,
          new byte[0],
          UInt256.ZERO,
          Hash32.ZERO,
          Hash32.ZERO,
          Hash32.ZERO,
          0,
          0);

  private static final Hash32 EMPTY_ROOT = EMPTY.root(ConsensusFork.DENEB);

  static ExecutionPayloadHeader read(SszReader in, ConsensusFork fork) {
    boolean blobs = fork.isAtLeast(ConsensusFork.DENEB);
    Hash32 parentHash = in.hash();
    Address feeRecipient = Address.of(in.bytes(Address.BYTES), 0);
    Hash32 stateRoot = in.hash();
    Hash32 receiptsRoot = in.hash();
    byte[] logsBloom = in.bytes(LOGS_BLOOM_BYTES);
    Hash32 prevRandao = in.hash();
    long blockNumber = in.uint64();
    long gasLimit = in.uint64();
    long gasUsed = in.uint64();
    long timestamp = in.uint64();
    int extraDataAt = in.offset();
    UInt256 baseFeePerGas = littleEndian(in.bytes(Hash32.BYTES));
    Hash32 blockHash = in.hash();
    Hash32 transactionsRoot = in.hash();
    Hash32 withdrawalsRoot = in.hash();
    long blobGasUsed = blobs ? in.uint64() : 0;
    long excessBlobGas = blobs ? in.uint64() : 0;
    SszReader tail = in.variable(extraDataAt, in.length());
    if (tail.length() > MAX_EXTRA_DATA_BYTES) {
      throw new MalformedInputException("extra data of " + tail.length() + " bytes", extraDataAt);
    }
    return new ExecutionPayloadHeader(
        parentHash,
        feeRecipient,
        stateRoot,
        receiptsRoot,
        logsBloom,
        prevRandao,
        blockNumber,
        gasLimit,
        gasUsed,
        timestamp,
        tail.rest(),
        baseFeePerGas,
        blockHash,
        transactionsRoot,
        withdrawalsRoot,
        blobGasUsed,
        excessBlobGas);
  }

  void write(SszWriter out, ConsensusFork fork) {
    boolean blobs = fork.isAtLeast(ConsensusFork.DENEB);
    out.hash(parentHash).bytes(feeRecipient.toBytes()).hash(stateRoot).hash(receiptsRoot);
    out.bytes(logsBloom).hash(prevRandao).uint64(blockNumber).uint64(gasLimit).uint64(gasUsed);
    out.uint64(timestamp).uint32(blobs ? DENEB_FIXED_BYTES : CAPELLA_FIXED_BYTES);
    out.uint64(baseFeePerGas.limb0()).uint64(baseFeePerGas.limb1());
    out.uint64(baseFeePerGas.limb2()).uint64(baseFeePerGas.limb3());
    out.hash(blockHash).hash(transactionsRoot).hash(withdrawalsRoot);
    if (blobs) {
      out.uint64(blobGasUsed).uint64(excessBlobGas);
    }
    out.bytes(extraData);
  }

  private static UInt256 littleEndian(byte[] in) {
    SszReader limbs = new SszReader(in);
    return UInt256.of(limbs.uint64(), limbs.uint64(), limbs.uint64(), limbs.uint64());
  }

  /// `hash_tree_root` of the shape a fork gives it.
  Hash32 root(ConsensusFork fork) {
    return Ssz.merkleize(fieldRoots(fork));
  }

  /// The roots of its fields: Deneb's shape has, Capella's has not those of blobs.
  Hash32[] fieldRoots(ConsensusFork fork) {
    Hash32 fee =
        Hash32.of(
            Long.reverseBytes(baseFeePerGas.limb0()),
            Long.reverseBytes(baseFeePerGas.limb1()),
            Long.reverseBytes(baseFeePerGas.limb2()),
            Long.reverseBytes(baseFeePerGas.limb3()));
    Hash32[] capella = {
      parentHash,
      Ssz.bytes(feeRecipient.toBytes()),
      stateRoot,
      receiptsRoot,
      Ssz.bytes(logsBloom),
      prevRandao,
      Ssz.uint64(blockNumber),
      Ssz.uint64(gasLimit),
      Ssz.uint64(gasUsed),
      Ssz.uint64(timestamp),
      Ssz.shortList(extraData),
      fee,
      blockHash,
      transactionsRoot,
      withdrawalsRoot
    };
    if (!fork.isAtLeast(ConsensusFork.DENEB)) {
      return capella;
    }
    Hash32[] deneb = Arrays.copyOf(capella, capella.length + 2);
    deneb[capella.length] = Ssz.uint64(blobGasUsed);
    deneb[capella.length + 1] = Ssz.uint64(excessBlobGas);
    return deneb;
  }

  boolean isEmpty() {
    return root(ConsensusFork.DENEB).equals(EMPTY_ROOT);
  }
}
