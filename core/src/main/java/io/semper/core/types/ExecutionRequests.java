package io.semper.core.types;

import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Sha256;
import java.io.ByteArrayOutputStream;
import java.util.List;

/// What a header commits to the block's requests by (EIP-7685).
public final class ExecutionRequests {
  private ExecutionRequests() {}

  /// SHA-256 over the SHA-256 of each list.
  ///
  /// @param requests each a type byte and its data, which is not empty, types ascending
  public static Hash32 hash(List<byte[]> requests) {
    ByteArrayOutputStream hashes = new ByteArrayOutputStream(requests.size() * Hash32.BYTES);
    for (byte[] request : requests) {
      hashes.writeBytes(Sha256.hashBytes(request));
    }
    return Sha256.hash(hashes.toByteArray());
  }
}
