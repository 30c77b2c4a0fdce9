package io.semper.node;

import io.semper.chain.pool.BlobProofs;
import io.semper.core.crypto.KzgBlobs;
import io.semper.core.types.BlobSidecar;

/// Blob proofs of both versions, checked in plain Java: no setup to load, no native library to
/// miss.
public final class KzgBlobProofs implements BlobProofs {
  @Override
  public boolean hold(BlobSidecar sidecar) {
    return sidecar.version() == 0
        ? blobProofsHold(sidecar)
        : KzgBlobs.verifyCellProofs(sidecar.blobs(), sidecar.commitments(), sidecar.proofs());
  }

  private static boolean blobProofsHold(BlobSidecar sidecar) {
    int count = sidecar.blobs().size();
    if (sidecar.commitments().size() != count || sidecar.proofs().size() != count) {
      return false;
    }
    for (int i = 0; i < count; i++) {
      if (!KzgBlobs.verifyBlobProof(
          sidecar.blobs().get(i), sidecar.commitments().get(i), sidecar.proofs().get(i))) {
        return false;
      }
    }
    return true;
  }
}
