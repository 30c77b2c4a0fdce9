package io.semper.core.trie;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.rlp.RlpReader;
import io.semper.core.rlp.RlpWriter;
import io.semper.core.view.Account;
import java.util.List;
import java.util.Optional;

/// Keys and values of the account trie and the storage tries (Yellow Paper, 4.1), and the proofs of
/// EIP-1186 about them.
public final class StateTrie {
  private StateTrie() {}

  public static Hash32 key(Address address) {
    return Keccak.hash(address.toBytes());
  }

  public static Hash32 key(UInt256 slot) {
    return Keccak.hash(slot.toBytes());
  }

  public static byte[] encode(Account account) {
    return new RlpWriter(112)
        .startList()
        .number(account.nonce())
        .number(account.balance())
        .hash(account.storageRoot())
        .hash(account.codeHash())
        .endList()
        .toBytes();
  }

  /// @throws io.semper.core.rlp.MalformedInputException where this is no account
  public static Account decodeAccount(byte[] rlp) {
    RlpReader in = new RlpReader(rlp);
    in.enterList();
    Account account =
        new Account(in.readUnsignedLong(), in.readNumber(), in.readHash(), in.readHash());
    in.leaveList();
    in.end();
    return account;
  }

  /// @param value not zero: a slot with zero has no entry
  public static byte[] encode(UInt256 value) {
    return new RlpWriter(33).number(value).toBytes();
  }

  /// @throws io.semper.core.rlp.MalformedInputException where this is no storage word
  public static UInt256 decodeSlot(byte[] rlp) {
    RlpReader in = new RlpReader(rlp);
    UInt256 value = in.readNumber();
    in.end();
    return value;
  }

  /// The account that `proof` shows under `stateRoot`, empty where it shows that there is none.
  ///
  /// @throws io.semper.core.rlp.MalformedInputException where it shows nothing
  public static Optional<Account> verifyAccount(
      Hash32 stateRoot, Address address, List<byte[]> proof) {
    return Proof.verify(stateRoot, key(address), proof).map(StateTrie::decodeAccount);
  }

  /// The value of a slot that `proof` shows under an account's `storageRoot`.
  ///
  /// @throws io.semper.core.rlp.MalformedInputException where it shows nothing
  public static UInt256 verifySlot(Hash32 storageRoot, UInt256 slot, List<byte[]> proof) {
    return Proof.verify(storageRoot, key(slot), proof)
        .map(StateTrie::decodeSlot)
        .orElse(UInt256.ZERO);
  }
}
