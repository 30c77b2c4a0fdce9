package io.semper.chain.producer;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.state.StateDiff;
import io.semper.evm.state.StateDiff.AccountDiff;
import java.util.HashMap;
import java.util.Map;

/// A state with a difference applied, for executing on top of a block that is not part of the
/// chain. Storage roots are those from before.
final class AppliedState implements StateView {
  private final StateView before;
  private final StateDiff diff;
  private final Map<Hash32, byte[]> newCodes = new HashMap<>();

  AppliedState(StateView before, StateDiff diff) {
    this.before = before;
    this.diff = diff;
    for (AccountDiff each : diff.accounts().values()) {
      if (each.newCode() != null) {
        newCodes.put(each.codeHash(), each.newCode());
      }
    }
  }

  @Override
  public Account account(Address address) {
    AccountDiff changed = diff.accounts().get(address);
    Account account = before.account(address);
    if (changed == null) {
      return account;
    }
    if (changed.deleted()) {
      return null;
    }
    Hash32 storageRoot =
        account == null || changed.storageCleared() ? Account.EMPTY_ROOT : account.storageRoot();
    return new Account(changed.nonce(), changed.balance(), storageRoot, changed.codeHash());
  }

  @Override
  public UInt256 storage(Address address, UInt256 slot) {
    AccountDiff changed = diff.accounts().get(address);
    if (changed != null) {
      UInt256 value = changed.storage().get(slot);
      if (value != null) {
        return value;
      }
      if (changed.deleted() || changed.storageCleared()) {
        return UInt256.ZERO;
      }
    }
    return before.storage(address, slot);
  }

  @Override
  public byte[] code(Hash32 codeHash) {
    byte[] code = newCodes.get(codeHash);
    return code != null ? code : before.code(codeHash);
  }

  @Override
  public long[] jumpDestinations(Hash32 codeHash) {
    return newCodes.containsKey(codeHash) ? null : before.jumpDestinations(codeHash);
  }
}
