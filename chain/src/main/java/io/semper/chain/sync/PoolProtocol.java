package io.semper.chain.sync;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.reqresp.Protocol;
import java.util.List;

/// What waits in the pool: an empty request, answered by one list of hashes.
///
/// @param maxHashes in an answer
record PoolProtocol(String id, int maxHashes) implements Protocol<List<Hash32>, List<Hash32>> {
  @Override
  public int maxRequestBytes() {
    return 8;
  }

  @Override
  public int maxChunkBytes() {
    return 8 + 33 * maxHashes;
  }

  @Override
  public int maxChunks(List<Hash32> question) {
    return 1;
  }

  @Override
  public byte[] encodeRequest(List<Hash32> question) {
    return ByHashProtocol.encode(question);
  }

  /// @throws MalformedInputException where it is not empty
  @Override
  public List<Hash32> decodeRequest(byte[] bytes) {
    return ByHashProtocol.decode(bytes, 0);
  }

  @Override
  public byte[] encodeChunk(List<Hash32> chunk) {
    return ByHashProtocol.encode(chunk);
  }

  @Override
  public List<Hash32> decodeChunk(byte[] bytes) {
    return ByHashProtocol.decode(bytes, maxHashes);
  }
}
