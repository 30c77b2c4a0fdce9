package io.semper.evm.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.view.Account;

/// An account that was touched in this block. Changed only through its [Journal].
///
/// Marks that last one transaction hold the number of that transaction, so that nothing needs
/// clearing when the next one begins.
public final class LiveAccount {
  final Address address;

  /// The account at the start of the block, `null` where there was none.
  final Account original;

  boolean exists;
  long nonce;
  UInt256 balance;
  Hash32 codeHash;

  /// Loaded when first asked for.
  Code code;

  /// Slots from before this block are gone: the account was destroyed in it.
  boolean storageReset;

  int warmTx;
  int createdTx;
  int destroyedTx;
  int touchedTx;

  final SlotTable slots = new SlotTable();
  SlotTable transientSlots;

  LiveAccount(Address address, Account original) {
    this.address = address;
    this.original = original;
    Account start = original == null ? Account.EMPTY : original;
    exists = original != null;
    nonce = start.nonce();
    balance = start.balance();
    codeHash = start.codeHash();
  }

  public Address address() {
    return address;
  }

  public boolean exists() {
    return exists;
  }

  /// Unsigned 64-bit.
  public long nonce() {
    return nonce;
  }

  public UInt256 balance() {
    return balance;
  }

  public Hash32 codeHash() {
    return codeHash;
  }

  public boolean hasCode() {
    return !codeHash.equals(Keccak.EMPTY);
  }

  /// Empty in the sense of EIP-161, or not there at all.
  public boolean isEmpty() {
    return nonce == 0 && balance.isZero() && !hasCode();
  }

  /// Whether a contract cannot be created here: a nonce, code, or storage (EIP-684, EIP-7610).
  public boolean collides() {
    boolean storage =
        original != null && !storageReset && !original.storageRoot().equals(Account.EMPTY_ROOT);
    return nonce != 0 || hasCode() || storage;
  }
}
