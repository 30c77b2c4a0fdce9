package io.semper.p2p.reqresp;

/// Bounds of requests.
///
/// @param concurrent requests of one protocol that we have under way with one peer; it may have
///   twice as many with us, since who cancels one may ask the next before we have noticed
/// @param requestMillis until a question has arrived whole
/// @param firstChunkMillis until the first chunk of an answer has arrived whole
/// @param chunkMillis until each further chunk has, and until a peer has taken each of ours
/// @param answerMillis until the whole answer has; sooner where little comes, see [Answer]
/// @param bytesPerSecond what one peer is sent in answers a second, on average; beyond it waits
public record RequestLimits(
    int concurrent,
    int requestMillis,
    int firstChunkMillis,
    int chunkMillis,
    int answerMillis,
    int bytesPerSecond) {
  public static RequestLimits defaults() {
    return new RequestLimits(2, 5_000, 10_000, 10_000, 120_000, 64 << 20);
  }
}
