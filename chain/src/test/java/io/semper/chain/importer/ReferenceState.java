package io.semper.chain.importer;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.trie.StateTrie;
import io.semper.core.trie.Trie;
import io.semper.core.view.Account;
import io.semper.core.view.StateView;
import io.semper.evm.state.StateDiff;
import io.semper.genesis.Allocation;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// A world state in plain maps whose root is computed from scratch: what the database's state is
/// compared with.
final class ReferenceState implements StateView {
  private final Map<Address, Account> accounts = new HashMap<>();
  private final Map<Address, Map<UInt256, UInt256>> storage = new HashMap<>();
  private final Map<Hash32, byte[]> codes;

  private ReferenceState(Map<Hash32, byte[]> codes) {
    this.codes = codes;
  }

  static ReferenceState of(Allocation allocation) {
    ReferenceState state = new ReferenceState(new HashMap<>());
    allocation
        .accounts()
        .forEach((address, account) -> {
          Hash32 codeHash = Keccak.hash(account.code());
          state.codes.put(codeHash, account.code());
          state.accounts.put(
              address,
              new Account(account.nonce(), account.balance(), Account.EMPTY_ROOT, codeHash));
          if (!account.storage().isEmpty()) {
            state.storage.put(address, new HashMap<>(account.storage()));
          }
        });
    return state;
  }

  /// The state after a difference; this one stays as it is.
  ReferenceState after(StateDiff diff) {
    ReferenceState next = new ReferenceState(codes);
    next.accounts.putAll(accounts);
    storage.forEach((address, slots) -> next.storage.put(address, new HashMap<>(slots)));
    next.apply(diff);
    return next;
  }

  void apply(StateDiff diff) {
    diff.accounts()
        .forEach((address, changed) -> {
          if (changed.deleted() || changed.storageCleared()) {
            storage.remove(address);
          }
          if (changed.deleted()) {
            accounts.remove(address);
            return;
          }
          if (changed.newCode() != null) {
            codes.put(changed.codeHash(), changed.newCode());
          }
          accounts.put(
              address,
              new Account(
                  changed.nonce(), changed.balance(), Account.EMPTY_ROOT, changed.codeHash()));
          Map<UInt256, UInt256> slots =
              storage.computeIfAbsent(address, ignored -> new HashMap<>());
          changed
              .storage()
              .forEach((slot, value) -> {
                if (value.isZero()) {
                  slots.remove(slot);
                } else {
                  slots.put(slot, value);
                }
              });
        });
  }

  Hash32 root() {
    TreeMap<Hash32, byte[]> entries = new TreeMap<>();
    accounts.forEach((address, account) ->
        entries.put(
            StateTrie.key(address),
            StateTrie.encode(
                new Account(
                    account.nonce(),
                    account.balance(),
                    storageRoot(address),
                    account.codeHash()))));
    return Trie.root(entries);
  }

  private Hash32 storageRoot(Address address) {
    TreeMap<Hash32, byte[]> entries = new TreeMap<>();
    storage
        .getOrDefault(address, Map.of())
        .forEach((slot, value) -> entries.put(StateTrie.key(slot), StateTrie.encode(value)));
    return Trie.root(entries);
  }

  @Override
  public Account account(Address address) {
    return accounts.get(address);
  }

  @Override
  public UInt256 storage(Address address, UInt256 slot) {
    return storage.getOrDefault(address, Map.of()).getOrDefault(slot, UInt256.ZERO);
  }

  @Override
  public byte[] code(Hash32 codeHash) {
    return codes.getOrDefault(codeHash, new byte[0]);
  }
}
