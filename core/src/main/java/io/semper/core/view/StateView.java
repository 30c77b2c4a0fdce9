package io.semper.core.view;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;

/// The world state after one block, read-only. Safe for use by several threads.
public interface StateView {
  /// `null` where there is no such account.
  Account account(Address address);

  /// Zero where the slot is not set or the account does not exist.
  UInt256 storage(Address address, UInt256 slot);

  /// The code with this hash; empty for the hash of nothing.
  byte[] code(Hash32 codeHash);
}
