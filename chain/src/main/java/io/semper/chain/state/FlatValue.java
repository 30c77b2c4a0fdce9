package io.semper.chain.state;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.view.Account;

/// Accounts and slots as the flat state stores them. Unlike in the trie, the hashes that say "no
/// storage" and "no code" are left empty, which halves most accounts.
final class FlatValue {
  private FlatValue() {}

  /// `null` for `null`.
  static byte[] of(Account account) {
    if (account == null) return null;
    RlpWriter out = new RlpWriter(112).startList();
    out.number(account.nonce()).number(account.balance());
    boolean storage = !account.storageRoot().equals(Account.EMPTY_ROOT);
    boolean code = !account.codeHash().equals(Keccak.EMPTY);
    out.bytes(storage ? account.storageRoot().toBytes() : NONE);
    out.bytes(code ? account.codeHash().toBytes() : NONE);
    return out.endList().toBytes();
  }

  static Account account(byte[] stored) {
    if (stored == null) return null;
    RlpReader in = new RlpReader(stored);
    in.enterList();
    long nonce = in.readUnsignedLong();
    UInt256 balance = in.readNumber();
    byte[] storage = in.readBytes();
    byte[] code = in.readBytes();
    in.leaveList();
    in.end();
    return new Account(
        nonce,
        balance,
        storage.length == 0 ? Account.EMPTY_ROOT : Hash32.of(storage),
        code.length == 0 ? Keccak.EMPTY : Hash32.of(code));
  }

  /// `null` for zero, which is not stored.
  static byte[] of(UInt256 value) {
    return value.isZero() ? null : value.toMinimalBytes();
  }

  static UInt256 slot(byte[] stored) {
    return stored == null ? UInt256.ZERO : UInt256.of(stored);
  }

  private static final byte[] NONE = {};
}
