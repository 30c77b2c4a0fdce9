package io.semper.evm;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.util.function.LongFunction;

/// What a transaction can see of the block it runs in.
///
/// @param difficulty proof-of-work difficulty; unused since Paris
/// @param prevRandao the beacon chain's randomness since Paris
/// @param baseFee zero before London
/// @param blobBaseFee wei a unit of blob gas, zero before Cancun
/// @param blockHashes hash of an ancestor by number; only the newest 256 are asked for
public record BlockEnv(
    UInt256 chainId,
    Address coinbase,
    long number,
    long timestamp,
    long gasLimit,
    UInt256 difficulty,
    Hash32 prevRandao,
    UInt256 baseFee,
    UInt256 blobBaseFee,
    LongFunction<Hash32> blockHashes) {}
