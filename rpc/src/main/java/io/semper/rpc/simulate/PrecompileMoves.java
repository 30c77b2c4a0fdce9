package io.semper.rpc.simulate;

import io.semper.core.bytes.Address;
import io.semper.core.crypto.ChecksumAddress;
import io.semper.core.fork.Fork;
import io.semper.evm.precompile.Precompiles;
import io.semper.rpc.RpcException;
import io.semper.rpc.param.StateOverrides;
import io.semper.rpc.param.StateOverrides.AccountOverride;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Where the precompiled contracts among overridden accounts go.
public final class PrecompileMoves {
  private PrecompileMoves() {}

  /// An override puts an account in a precompiled contract's place, and may move that contract to
  /// another address. Of two that move to one address the one from the higher address stays.
  ///
  /// @param overrides `null` for none
  /// @return new addresses by usual ones, empty where the contract is gone
  public static Map<Address, Optional<Address>> of(StateOverrides overrides, Fork fork) {
    Map<Address, Optional<Address>> moves = new LinkedHashMap<>();
    if (overrides == null) {
      return moves;
    }
    for (Map.Entry<Address, AccountOverride> entry :
        new TreeMap<>(overrides.accounts()).entrySet()) {
      Address address = entry.getKey();
      Address to = entry.getValue().movePrecompileTo();
      boolean precompile = Precompiles.at(fork, address) != null;
      if (to != null && !precompile) {
        throw RpcException.server(
            "account " + ChecksumAddress.format(address) + " is not a precompile");
      }
      if (to != null && overrides.accounts().containsKey(to)) {
        throw RpcException.server(
            "account " + ChecksumAddress.format(to) + " is already overridden");
      }
      if (precompile) {
        moves.put(address, Optional.ofNullable(to));
      }
    }
    return moves;
  }
}
