package io.semper.chain.sync;

import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.types.Header;
import io.semper.core.types.QbftExtraData;
import io.semper.p2p.reqresp.Protocol;

/// Headers by range: `[first, count]`, answered by a header a chunk.
record HeadersProtocol(String id) implements Protocol<HeaderRange, Header> {
  private static final int MAX_REQUEST_BYTES = 32;

  /// Of an encoded header without its extra data, at most.
  static final int FIXED_BYTES = 1024;

  @Override
  public int maxRequestBytes() {
    return MAX_REQUEST_BYTES;
  }

  @Override
  public int maxChunkBytes() {
    return QbftExtraData.MAX_BYTES + FIXED_BYTES;
  }

  @Override
  public int maxChunks(HeaderRange question) {
    return question.count();
  }

  @Override
  public byte[] encodeRequest(HeaderRange question) {
    return new RlpWriter(MAX_REQUEST_BYTES)
        .startList()
        .number(question.first())
        .number(question.count())
        .endList()
        .toBytes();
  }

  @Override
  public HeaderRange decodeRequest(byte[] bytes) {
    RlpReader in = new RlpReader(bytes);
    in.enterList();
    long first = in.readLong();
    long count = in.readLong();
    if (count > Integer.MAX_VALUE) {
      throw new MalformedInputException("count " + count + " exceeds 31 bits", in.offset());
    }
    in.leaveList();
    in.end();
    return new HeaderRange(first, (int) count);
  }

  @Override
  public byte[] encodeChunk(Header chunk) {
    return chunk.encode();
  }

  @Override
  public Header decodeChunk(byte[] bytes) {
    return Header.decode(bytes);
  }
}
