package io.semper.chain.pool;

import io.semper.core.types.BlobSidecar;

/// Checks blobs against their commitments (EIP-4844, EIP-7594). Needs the ceremony's trusted setup,
/// which the application brings.
public interface BlobProofs {
  /// Whether every proof of the sidecar holds.
  boolean hold(BlobSidecar sidecar);
}
