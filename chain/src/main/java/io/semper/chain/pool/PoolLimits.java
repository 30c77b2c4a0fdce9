package io.semper.chain.pool;

import io.semper.core.bytes.UInt256;

/// Bounds of the transaction pool.
///
/// @param maxTransactions in all
/// @param maxPerSender executable and waiting ones together; beyond it only those are taken that
///   the waiting ones wait for, until so many are executable
/// @param maxBytes encoded transactions with their blobs
/// @param minimumTip least priority fee in wei to be admitted
/// @param queuedMillis how long a transaction may wait behind a nonce gap
public record PoolLimits(
    int maxTransactions, int maxPerSender, long maxBytes, UInt256 minimumTip, long queuedMillis) {
  /// Most bytes of a transaction without blobs, as go-ethereum has it.
  static final int MAX_TRANSACTION_BYTES = 128 * 1024;

  /// Most bytes of a transaction with its blobs left out of the count.
  static final int MAX_BLOB_TRANSACTION_BYTES = 1024 * 1024;

  /// Executable transactions of an account that delegates to code: others' authorisations can empty
  /// it at any time, which would invalidate all the rest at once (EIP-7702).
  static final int MAX_OF_DELEGATED = 1;

  /// Percent by which a replacement must raise every fee.
  static final int PRICE_BUMP = 10;

  /// The same where blobs are involved, which are expensive to pass on.
  static final int BLOB_PRICE_BUMP = 100;

  public static final PoolLimits DEFAULT =
      new PoolLimits(10_240, 1_024, 256L << 20, UInt256.ONE, 3 * 3_600_000L);

  /// Of a development chain, where nothing is too cheap and one account may send all there is.
  private static final int DEVELOPMENT_PER_SENDER = 8_192;

  /// The same with another least priority fee.
  public PoolLimits withMinimumTip(UInt256 tip) {
    return new PoolLimits(maxTransactions, maxPerSender, maxBytes, tip, queuedMillis);
  }

  /// The same for a development chain.
  public PoolLimits forDevelopment() {
    return new PoolLimits(
        maxTransactions, DEVELOPMENT_PER_SENDER, maxBytes, UInt256.ZERO, queuedMillis);
  }
}
