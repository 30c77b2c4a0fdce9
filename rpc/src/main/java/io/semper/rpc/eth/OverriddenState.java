package io.semper.rpc.eth;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.rpc.param.StateOverrides;
import io.semper.rpc.param.StateOverrides.AccountOverride;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// A world state with some accounts as a caller wants them.
final class OverriddenState implements StateView {
  private final StateView base;
  private final StateOverrides overrides;
  private final Map<Hash32, byte[]> codes = new HashMap<>();

  private OverriddenState(StateView base, StateOverrides overrides) {
    this.base = base;
    this.overrides = overrides;
    for (AccountOverride override : overrides.accounts().values()) {
      if (override.code() != null) {
        codes.put(Keccak.hash(override.code()), override.code());
      }
    }
  }

  /// @param overrides `null` for none
  static StateView of(StateView base, StateOverrides overrides) {
    return overrides == null ? base : new OverriddenState(base, overrides);
  }

  @Override
  public Account account(Address address) {
    Account account = base.account(address);
    AccountOverride o = overrides.accounts().get(address);
    if (o == null) {
      return account;
    }
    Account was = account == null ? Account.EMPTY : account;
    return new Account(
        o.nonce() == null ? was.nonce() : o.nonce(),
        o.balance() == null ? was.balance() : o.balance(),
        was.storageRoot(),
        o.code() == null ? was.codeHash() : Keccak.hash(o.code()));
  }

  @Override
  public UInt256 storage(Address address, UInt256 slot) {
    AccountOverride o = overrides.accounts().get(address);
    if (o != null && o.state() != null) {
      return o.state().getOrDefault(slot, UInt256.ZERO);
    }
    UInt256 changed = o == null || o.stateDiff() == null ? null : o.stateDiff().get(slot);
    return changed == null ? base.storage(address, slot) : changed;
  }

  @Override
  public byte[] code(Hash32 codeHash) {
    byte[] code = codes.get(codeHash);
    return code == null ? base.code(codeHash) : code;
  }

  @Override
  public <T> T settled(Supplier<T> work) {
    return base.settled(work);
  }
}
