package io.semper.tests.engine;

import ethereum.ckzg4844.CKZG4844JNI;
import ethereum.ckzg4844.CellsAndProofs;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Kzg;
import io.semper.core.crypto.Signature;
import io.semper.core.types.BlobSidecar;
import io.semper.core.types.BlobTransaction;
import io.semper.core.types.PooledTransaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.web3j.crypto.Credentials;

/// Blob transactions with proofs made by the reference implementation.
final class Blobs {
  private static final UInt256 GWEI = UInt256.of(1_000_000_000L);

  static {
    CKZG4844JNI.loadNativeLibrary();
    // A resource of web3j's crypto library.
    CKZG4844JNI.loadTrustedSetupFromResource("/trusted_setup.txt", Credentials.class, 0);
  }

  private Blobs() {}

  /// @param version 0 with proofs of blobs, 1 with proofs of cells
  /// @param seed other blobs for another
  static BlobSidecar sidecar(int version, int count, int seed) {
    List<byte[]> blobs = new ArrayList<>();
    List<byte[]> commitments = new ArrayList<>();
    List<byte[]> proofs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] blob = new byte[BlobSidecar.BLOB_BYTES];
      for (int at = 31; at < blob.length; at += 32) {
        blob[at] = (byte) (31 * seed + i + at / 32);
      }
      byte[] commitment = CKZG4844JNI.blobToKzgCommitment(blob);
      blobs.add(blob);
      commitments.add(commitment);
      if (version == 0) {
        proofs.add(CKZG4844JNI.computeBlobKzgProof(blob, commitment));
      } else {
        CellsAndProofs made = CKZG4844JNI.computeCellsAndKzgProofs(blob);
        for (int cell = 0; cell < BlobSidecar.CELLS_PER_BLOB; cell++) {
          int from = cell * BlobSidecar.PROOF_BYTES;
          proofs.add(Arrays.copyOfRange(made.getProofs(), from, from + BlobSidecar.PROOF_BYTES));
        }
      }
    }
    return new BlobSidecar(version, blobs, commitments, proofs);
  }

  static List<Hash32> hashes(BlobSidecar sidecar) {
    return sidecar.commitments().stream().map(c -> Hash32.of(Kzg.versionedHash(c))).toList();
  }

  static PooledTransaction transaction(UInt256 chainId, int from, long nonce, BlobSidecar sidecar) {
    BlobTransaction unsigned =
        new BlobTransaction(
            chainId,
            nonce,
            GWEI,
            GWEI.timesExact(100),
            21_000,
            Address.of("0x00000000000000000000000000000000000000bb"),
            UInt256.ONE,
            new byte[0],
            List.of(),
            GWEI,
            hashes(sidecar),
            new Signature(0, UInt256.ZERO, UInt256.ZERO));
    return new PooledTransaction(EngineNode.sign(from, unsigned), sidecar);
  }
}
