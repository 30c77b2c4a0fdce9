package io.semper.lightclient.upstream;

/// What asking may cost.
///
/// @param replyBytes of one reply, and of all replies of one node that are held at the same time;
///   each token of their JSON counts for [#TOKEN_BYTES] beside its letters
/// @param requestMillis for one node to answer
/// @param answerMillis for all nodes together
/// @param maxHedgeMillis a node silent for so long is not waited for alone
/// @param inFlight requests at one node at once, each of which a thread waits for
public record UpstreamLimits(
    int replyBytes, long requestMillis, long answerMillis, long maxHedgeMillis, int inFlight) {
  public static final UpstreamLimits DEFAULT = new UpstreamLimits(32 << 20, 5_000, 15_000, 300, 32);

  /// What a bracket or a value counts for beside its letters: it becomes an object of up to five
  /// times as many bytes.
  static final int TOKEN_BYTES = 16;

  /// Bytes of heap that one of a reply takes at most. Measured: up to seven while a string that is
  /// not all of Latin letters is parsed, up to four of nested objects.
  private static final int HEAP_FACTOR = 8;

  /// What a request takes beside the body of its reply: buffers, and the reply's head.
  private static final int REQUEST_BYTES = 64 << 10;

  /// Least to choose for [#replyBytes]: with less, usual headers and proofs would not come through.
  public static final int LEAST_REPLY_BYTES = 64 << 10;

  static final int MAX_DEPTH = 32;

  /// Calls in one request; more go in several, one after the other.
  static final int MAX_BATCH = 100;

  public UpstreamLimits withReplyBytes(int value) {
    return new UpstreamLimits(value, requestMillis, answerMillis, maxHedgeMillis, inFlight);
  }

  /// The heap that replies of so many nodes take at the same time at most, whatever the nodes send.
  /// What a client keeps of what was proven comes on top: some 30 MB where all its caches are full.
  ///
  /// Each node has its own share, so that none can take another's room by sending much. By default
  /// that is 258 MiB: where there is less, `replyBytes` is to be chosen accordingly, and what takes
  /// longer replies cannot be proven.
  public long heapBytes(int nodes) {
    return nodes * ((long) HEAP_FACTOR * replyBytes + (long) REQUEST_BYTES * inFlight);
  }
}
