package io.semper.node;

import ethereum.ckzg4844.CKZG4844JNI;
import ethereum.ckzg4844.CKZGException;
import io.semper.chain.pool.BlobProofs;
import io.semper.core.types.BlobSidecar;
import java.util.List;
import org.web3j.crypto.Credentials;

/// Blob proofs checked by the reference implementation of KZG commitments.
///
/// The ceremony's trusted setup takes seconds to load, so it is read when the first blob arrives.
final class KzgBlobProofs implements BlobProofs {
  /// A resource of the library that also makes our keystores.
  private static final String TRUSTED_SETUP = "/trusted_setup.txt";

  private static final int CELL_BYTES = 2_048;

  private static final class Loaded {
    static {
      CKZG4844JNI.loadNativeLibrary();
      CKZG4844JNI.loadTrustedSetupFromResource(TRUSTED_SETUP, Credentials.class, 0);
    }

    private Loaded() {}

    static void ensure() {}
  }

  @Override
  public boolean hold(BlobSidecar sidecar) {
    Loaded.ensure();
    try {
      return sidecar.version() == 0 ? blobProofsHold(sidecar) : cellProofsHold(sidecar);
    } catch (CKZGException invalidPointOrField) {
      return false;
    }
  }

  /// EIP-4844: one proof a blob.
  private static boolean blobProofsHold(BlobSidecar sidecar) {
    return CKZG4844JNI.verifyBlobKzgProofBatch(
        concatenate(sidecar.blobs(), BlobSidecar.BLOB_BYTES),
        concatenate(sidecar.commitments(), BlobSidecar.COMMITMENT_BYTES),
        concatenate(sidecar.proofs(), BlobSidecar.PROOF_BYTES),
        sidecar.blobs().size());
  }

  /// EIP-7594: a proof for each cell of the blob extended to twice its length.
  private static boolean cellProofsHold(BlobSidecar sidecar) {
    int perBlob = BlobSidecar.CELLS_PER_BLOB;
    int count = sidecar.blobs().size() * perBlob;
    byte[] commitments = new byte[count * BlobSidecar.COMMITMENT_BYTES];
    byte[] cells = new byte[count * CELL_BYTES];
    long[] indices = new long[count];
    for (int blob = 0; blob < sidecar.blobs().size(); blob++) {
      byte[] extended = CKZG4844JNI.computeCells(sidecar.blobs().get(blob));
      System.arraycopy(extended, 0, cells, blob * extended.length, extended.length);
      for (int i = 0; i < perBlob; i++) {
        int cell = blob * perBlob + i;
        indices[cell] = i;
        System.arraycopy(
            sidecar.commitments().get(blob),
            0,
            commitments,
            cell * BlobSidecar.COMMITMENT_BYTES,
            BlobSidecar.COMMITMENT_BYTES);
      }
    }
    return CKZG4844JNI.verifyCellKzgProofBatch(
        commitments, indices, cells, concatenate(sidecar.proofs(), BlobSidecar.PROOF_BYTES));
  }

  private static byte[] concatenate(List<byte[]> parts, int each) {
    byte[] all = new byte[parts.size() * each];
    for (int i = 0; i < parts.size(); i++) {
      System.arraycopy(parts.get(i), 0, all, i * each, each);
    }
    return all;
  }
}
