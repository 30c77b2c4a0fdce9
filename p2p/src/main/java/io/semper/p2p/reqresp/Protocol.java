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

  /// Whether opening the stream asks, and nothing is sent as the question.
  default boolean isBodiless() {
    return false;
  }

  /// Whether the side that asks ends its writing after the question. Waits for the peer to agree to
  /// the protocol, a round trip more.
  default boolean endsRequest() {
    return isBodiless();
  }

  /// Bytes before each chunk of an answer that say how it is to be read.
  default int contextBytes() {
    return 0;
  }

  /// What is sent before a chunk, as many bytes as the protocol has.
  default byte[] contextOf(A chunk) {
    return new byte[0];
  }

  /// @param context as many bytes as the protocol has
  default A decodeChunk(byte[] context, byte[] bytes) {
    return decodeChunk(bytes);
  }
}
