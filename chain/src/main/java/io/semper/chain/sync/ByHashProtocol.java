package io.semper.chain.sync;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.p2p.reqresp.Protocol;
import java.util.ArrayList;
import java.util.List;

/// Things by their hashes: `[hash, ...]`, answered by an encoded thing a chunk, in the order asked.
///
/// @param maxHashes in a request
record ByHashProtocol(String id, int maxHashes, int maxChunkBytes)
    implements Protocol<List<Hash32>, byte[]> {
  private static final int ENCODED_HASH_BYTES = 33;

  @Override
  public int maxRequestBytes() {
    return 8 + ENCODED_HASH_BYTES * maxHashes;
  }

  @Override
  public int maxChunks(List<Hash32> question) {
    return question.size();
  }

  @Override
  public byte[] encodeRequest(List<Hash32> question) {
    return encode(question);
  }

  @Override
  public List<Hash32> decodeRequest(byte[] bytes) {
    return decode(bytes, maxHashes);
  }

  @Override
  public byte[] encodeChunk(byte[] chunk) {
    return chunk;
  }

  @Override
  public byte[] decodeChunk(byte[] bytes) {
    return bytes;
  }

  static byte[] encode(List<Hash32> hashes) {
    RlpWriter out = new RlpWriter(8 + ENCODED_HASH_BYTES * hashes.size()).startList();
    hashes.forEach(out::hash);
    return out.endList().toBytes();
  }

  static List<Hash32> decode(byte[] bytes, int max) {
    List<Hash32> hashes = new ArrayList<>();
    RlpReader in = new RlpReader(bytes);
    in.enterList();
    while (in.hasNext()) {
      if (hashes.size() == max) {
        throw new MalformedInputException("more than " + max + " hashes", in.offset());
      }
      hashes.add(in.readHash());
    }
    in.leaveList();
    in.end();
    return hashes;
  }
}
