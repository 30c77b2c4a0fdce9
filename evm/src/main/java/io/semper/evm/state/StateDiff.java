package io.semper.evm.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.util.Map;

/// What execution changed, as final values. Accounts that ended as they began do not appear.
public record StateDiff(Map<Address, AccountDiff> accounts) {

  /// @param deleted the account and all its storage are gone; the other fields are then unset
  /// @param codeHash hash of the code the account ends with
  /// @param newCode the code itself where this execution set it, else `null`
  /// @param storageCleared slots from before are gone (the account was destroyed and made anew);
  ///   `storage` then lists all it has
  /// @param storage changed slots with their new values, zero for removed ones
  public record AccountDiff(
      boolean deleted,
      long nonce,
      UInt256 balance,
      Hash32 codeHash,
      byte[] newCode,
      boolean storageCleared,
      Map<UInt256, UInt256> storage) {}
}
