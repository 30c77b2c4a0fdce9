package io.semper.rpc.trace;

/// What one request for traces may take.
///
/// @param transactionMillis time for one transaction where the caller names none
/// @param maxKeptBytes what is kept in memory until it can be written: calls, accounts, slots
/// @param maxStreamedBytes size of a reply that leaves while it is made
/// @param maxBlocks blocks of a range: `trace_filter`, `debug_traceChain`, searches of `ots_`
/// @param maxConcurrent requests being traced at once; others wait within their time
/// @param maxChainTraces chains being traced for subscribers at once
public record TraceLimits(
    long transactionMillis,
    long maxKeptBytes,
    long maxStreamedBytes,
    int maxBlocks,
    int maxConcurrent,
    int maxChainTraces) {
  public static final TraceLimits DEFAULT =
      new TraceLimits(5_000, 64L << 20, 8L << 30, 10_000, 8, 4);
}
