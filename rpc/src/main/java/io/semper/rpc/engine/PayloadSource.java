package io.semper.rpc.engine;

import io.semper.core.bytes.UInt256;
import io.semper.core.types.BlobSidecar;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import java.util.List;
import java.util.Optional;

/// Blocks in the making. Safe for use by several threads.
public interface PayloadSource {
  /// Begins to build on a kept block, which has become the head. Building goes on until the payload
  /// is fetched or its slot is over; the same request again does not start anew.
  PayloadId begin(Header parent, PayloadAttributes attributes);

  /// The best payload built so far, after which building it ends. Empty for an unknown id.
  Optional<BuiltPayload> fetch(PayloadId id) throws InterruptedException;

  /// @param value wei the fee recipient earns
  /// @param sidecars of the blob transactions, in their order
  /// @param requests what the block asks of the consensus layer, since Prague
  record BuiltPayload(
      Block block, UInt256 value, List<BlobSidecar> sidecars, List<byte[]> requests) {}
}
