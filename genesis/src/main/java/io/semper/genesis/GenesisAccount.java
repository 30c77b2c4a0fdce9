package io.semper.genesis;

import io.semper.core.bytes.UInt256;
import java.util.Map;

/// An account that exists before the first block.
///
/// @param nonce unsigned 64-bit
/// @param code empty for an account without code
/// @param storage slots with their values, none of them zero
public record GenesisAccount(
    UInt256 balance, long nonce, byte[] code, Map<UInt256, UInt256> storage) {
  private static final byte[] NO_CODE = {};

  /// An account that only holds ether.
  ///
  /// @param balance in wei
  public static GenesisAccount holding(UInt256 balance) {
    return new GenesisAccount(balance, 0, NO_CODE, Map.of());
  }
}
