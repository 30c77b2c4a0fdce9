package io.semper.chain.sync;

import io.semper.p2p.reqresp.Protocol;

/// Both sides tell their status: asking is telling.
record StatusProtocol(String id) implements Protocol<Status, Status> {
  @Override
  public int maxRequestBytes() {
    return Status.MAX_BYTES;
  }

  @Override
  public int maxChunkBytes() {
    return Status.MAX_BYTES;
  }

  @Override
  public int maxChunks(Status question) {
    return 1;
  }

  @Override
  public byte[] encodeRequest(Status question) {
    return question.encode();
  }

  @Override
  public Status decodeRequest(byte[] bytes) {
    return Status.decode(bytes);
  }

  @Override
  public byte[] encodeChunk(Status chunk) {
    return chunk.encode();
  }

  @Override
  public Status decodeChunk(byte[] bytes) {
    return Status.decode(bytes);
  }
}
