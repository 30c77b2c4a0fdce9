package io.semper.p2p.reqresp;

/// One request/response protocol.
///
/// Decoders throw `MalformedInputException`; a chunk that does not decode is the peer's fault, and
/// the one who asked is told so.
///
/// @param <Q> the question
/// @param <A> one chunk of the answer
public interface Protocol<Q, A> {
  /// The name streams agree on, such as `/example/headers/1`.
  String id();

  int maxRequestBytes();

  int maxChunkBytes();

  /// How many chunks answer this question at most.
  int maxChunks(Q question);

  byte[] encodeRequest(Q question);

  Q decodeRequest(byte[] bytes);

  byte[] encodeChunk(A chunk);

  A decodeChunk(byte[] bytes);
}
