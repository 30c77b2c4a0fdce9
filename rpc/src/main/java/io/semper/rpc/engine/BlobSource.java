package io.semper.rpc.engine;

import io.semper.core.bytes.Hash32;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The blobs of transactions that wait for a block. Safe for use by several threads.
public interface BlobSource {
  /// Those of the blobs asked for that are at hand, by versioned hash.
  Map<Hash32, BlobAndProofs> blobs(Set<Hash32> versionedHashes);

  /// @param version of the sidecar: 0 with one proof, 1 with one for each cell
  record BlobAndProofs(int version, byte[] blob, List<byte[]> proofs) {}
}
