package io.semper.lightclient.upstream;

/// What asking may cost.
///
/// @param replyBytes of one reply, and of all replies of one node that are read at the same time
/// @param requestMillis for one node to answer
/// @param answerMillis for all nodes together
/// @param maxHedgeMillis a node silent for so long is not waited for alone
/// @param inFlight requests at one node at once
/// @param threads that wait for nodes
public record UpstreamLimits(
    int replyBytes,
    long requestMillis,
    long answerMillis,
    long maxHedgeMillis,
    int inFlight,
    int threads) {
  public static final UpstreamLimits DEFAULT =
      new UpstreamLimits(32 << 20, 5_000, 15_000, 300, 64, 128);

  /// Tokens of a reply: bounds what its tree takes in memory to some tens of megabytes.
  static final int MAX_TOKENS = 1_000_000;

  static final int MAX_DEPTH = 32;

  /// Calls in one request; more go in several, one after the other.
  static final int MAX_BATCH = 100;
}
