package io.semper.rpc.eth;

import io.semper.core.bytes.Address;
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
/// @param coinbase who is paid for blocks made here
/// @param depositContract the network's, for `eth_config`; `null` where there is none
/// @param zeroBaseFee whether the network's base fee always stays zero
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
    Address coinbase,
    Address depositContract,
    boolean zeroBaseFee) {

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
          Address.ZERO,
          null,
          false);

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
        coinbase,
        depositContract,
        zeroBaseFee);
  }

  public EthSettings withCallLimits(long gasCap, long timeoutMillis) {
    return new EthSettings(
        gasCap,
        timeoutMillis,
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
        coinbase,
        depositContract,
        zeroBaseFee);
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
        coinbase,
        depositContract,
        zeroBaseFee);
  }

  /// What the network and its block producer decide.
  public EthSettings withNetwork(Address producer, Address deposits, boolean noBaseFee) {
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
        producer,
        deposits,
        noBaseFee);
  }
}
