package io.semper.rpc.eth;

import io.semper.core.bytes.UInt256;

/// What an operator decides about the methods.
///
/// @param callGasCap most gas `eth_call` and the like may use
/// @param callTimeoutMillis most time they may use
/// @param maxLogBlocks most blocks one log query may span
/// @param maxLogs most logs one query may return
/// @param maxFilters installed filters of all callers together
/// @param filterExpiryMillis a filter not polled for so long is forgotten
/// @param defaultTip suggested priority fee while blocks tell nothing, wei
/// @param ignoreTipBelow cheaper transactions do not count for suggestions, wei
/// @param maxTip highest suggestion, wei
/// @param maxFee highest total fee of a transaction accepted here, wei; zero for any
/// @param allowUnprotected accept transactions that are valid on every chain (before EIP-155)
/// @param sendSyncMillis how long `eth_sendRawTransactionSync` waits by itself
/// @param maxSendSyncMillis how long it may be told to wait
public record EthSettings(
    long callGasCap,
    long callTimeoutMillis,
    int maxLogBlocks,
    int maxLogs,
    int maxFilters,
    long filterExpiryMillis,
    UInt256 defaultTip,
    UInt256 ignoreTipBelow,
    UInt256 maxTip,
    UInt256 maxFee,
    boolean allowUnprotected,
    long sendSyncMillis,
    long maxSendSyncMillis,
    NetworkSettings network) {

  public static final EthSettings DEFAULT =
      new EthSettings(
          50_000_000,
          5_000,
          100_000,
          20_000,
          10_000,
          300_000,
          UInt256.of(1_000_000),
          UInt256.of(2),
          UInt256.of(500_000_000_000L),
          UInt256.of(1_000_000_000_000_000_000L),
          false,
          20_000,
          60_000,
          NetworkSettings.DEFAULT);

  /// For a development chain: no fee is too high, every signature is welcome.
  public EthSettings forDevelopment(UInt256 tip) {
    return new EthSettings(
        callGasCap,
        callTimeoutMillis,
        maxLogBlocks,
        maxLogs,
        maxFilters,
        filterExpiryMillis,
        tip,
        ignoreTipBelow,
        maxTip,
        UInt256.ZERO,
        true,
        sendSyncMillis,
        maxSendSyncMillis,
        network);
  }

  public EthSettings withDefaultTip(UInt256 tip) {
    return new EthSettings(
        callGasCap,
        callTimeoutMillis,
        maxLogBlocks,
        maxLogs,
        maxFilters,
        filterExpiryMillis,
        tip,
        ignoreTipBelow,
        tip.compareTo(maxTip) > 0 ? tip : maxTip,
        maxFee,
        allowUnprotected,
        sendSyncMillis,
        maxSendSyncMillis,
        network);
  }

  public EthSettings withLogLimits(int blocks, int logs) {
    return new EthSettings(
        callGasCap,
        callTimeoutMillis,
        blocks,
        logs,
        maxFilters,
        filterExpiryMillis,
        defaultTip,
        ignoreTipBelow,
        maxTip,
        maxFee,
        allowUnprotected,
        sendSyncMillis,
        maxSendSyncMillis,
        network);
  }

  public EthSettings withNetwork(NetworkSettings settings) {
    return new EthSettings(
        callGasCap,
        callTimeoutMillis,
        maxLogBlocks,
        maxLogs,
        maxFilters,
        filterExpiryMillis,
        defaultTip,
        ignoreTipBelow,
        maxTip,
        maxFee,
        allowUnprotected,
        sendSyncMillis,
        maxSendSyncMillis,
        settings);
  }
}
