package io.semper.evm.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import java.util.HashMap;
import java.util.Map;

/// A state in which some accounts are replaced in part: the state overrides of `eth_call`.
public final class OverriddenState implements StateView {
  /// What is different about an account; `null` leaves a part as it is.
  ///
  /// @param state all slots the account has, instead of its own
  /// @param stateDiff single slots
  public record AccountOverride(
      Long nonce,
      UInt256 balance,
      byte[] code,
      Map<UInt256, UInt256> state,
      Map<UInt256, UInt256> stateDiff) {}

  private final StateView base;
  private final Map<Address, AccountOverride> overrides;
  private final Map<Hash32, byte[]> codes = new HashMap<>();

  public OverriddenState(StateView base, Map<Address, AccountOverride> overrides) {
    this.base = base;
    this.overrides = overrides;
    for (AccountOverride each : overrides.values()) {
      if (each.code() != null) {
        codes.put(Keccak.hash(each.code()), each.code());
      }
    }
  }

  @Override
  public Account account(Address address) {
    Account account = base.account(address);
    AccountOverride o = overrides.get(address);
    if (o == null) {
      return account;
    }
    Account from = account == null ? Account.EMPTY : account;
    return new Account(
        o.nonce() == null ? from.nonce() : o.nonce(),
        o.balance() == null ? from.balance() : o.balance(),
        o.state() == null ? from.storageRoot() : Account.EMPTY_ROOT,
        o.code() == null ? from.codeHash() : Keccak.hash(o.code()));
  }

  @Override
  public UInt256 storage(Address address, UInt256 slot) {
    AccountOverride o = overrides.get(address);
    if (o != null) {
      UInt256 single = o.stateDiff() == null ? null : o.stateDiff().get(slot);
      if (single != null) {
        return single;
      }
      if (o.state() != null) {
        return o.state().getOrDefault(slot, UInt256.ZERO);
      }
    }
    return base.storage(address, slot);
  }

  @Override
  public byte[] code(Hash32 codeHash) {
    byte[] code = codes.get(codeHash);
    return code != null ? code : base.code(codeHash);
  }
}
