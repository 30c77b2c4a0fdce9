package io.semper.rpc.ledger;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.trie.NodePath;
import io.semper.core.trie.NodeSource;
import io.semper.core.trie.StateTrie;
import io.semper.core.trie.Trie;
import io.semper.core.trie.TrieUpdate;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView.AccountProof;
import io.semper.core.view.ChainView.SlotProof;
import io.semper.core.view.StateView;
import io.semper.evm.state.StateDiff;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// All accounts in maps; each block has a copy of its own.
final class MemoryState implements StateView {
  private final Map<Address, Account> accounts = new HashMap<>();
  private final Map<Address, Map<UInt256, UInt256>> storage = new HashMap<>();
  private final Map<Hash32, byte[]> codes = new HashMap<>();

  static MemoryState of(Map<Address, UInt256> balances) {
    MemoryState state = new MemoryState();
    balances.forEach((address, balance) ->
        state.accounts.put(
            address, new Account(0, balance, Account.EMPTY_ROOT, Account.EMPTY.codeHash())));
    return state;
  }

  MemoryState with(StateDiff diff) {
    MemoryState next = new MemoryState();
    next.accounts.putAll(accounts);
    next.codes.putAll(codes);
    storage.forEach((address, slots) -> next.storage.put(address, new HashMap<>(slots)));
    diff.accounts().forEach(next::apply);
    return next;
  }

  private void apply(Address address, StateDiff.AccountDiff change) {
    if (change.deleted()) {
      accounts.remove(address);
      storage.remove(address);
      return;
    }
    if (change.newCode() != null) {
      codes.put(change.codeHash(), change.newCode());
    }
    if (change.storageCleared()) {
      storage.remove(address);
    }
    Map<UInt256, UInt256> slots = storage.computeIfAbsent(address, a -> new HashMap<>());
    slots.putAll(change.storage());
    slots.values().removeIf(UInt256::isZero);
    Hash32 root = Trie.root(slotEntries(address));
    accounts.put(address, new Account(change.nonce(), change.balance(), root, change.codeHash()));
  }

  private TreeMap<Hash32, byte[]> slotEntries(Address address) {
    TreeMap<Hash32, byte[]> entries = new TreeMap<>();
    storage
        .getOrDefault(address, Map.of())
        .forEach((slot, value) -> entries.put(StateTrie.key(slot), StateTrie.encode(value)));
    return entries;
  }

  private TreeMap<Hash32, byte[]> accountEntries() {
    TreeMap<Hash32, byte[]> entries = new TreeMap<>();
    accounts.forEach((a, account) -> entries.put(StateTrie.key(a), StateTrie.encode(account)));
    return entries;
  }

  Hash32 root() {
    return Trie.root(accountEntries());
  }

  AccountProof prove(Address address, List<UInt256> keys) {
    NodeSource slots = stored(slotEntries(address));
    List<SlotProof> proofs = new ArrayList<>();
    for (UInt256 key : keys) {
      proofs.add(new SlotProof(key, storage(address, key), Trie.prove(slots, StateTrie.key(key))));
    }
    List<byte[]> proof = Trie.prove(stored(accountEntries()), StateTrie.key(address));
    return new AccountProof(address, account(address), proof, proofs);
  }

  private static NodeSource stored(TreeMap<Hash32, byte[]> entries) {
    Map<NodePath, TrieUpdate.NodeChange> nodes = Trie.update(NodeSource.EMPTY, entries).nodes();
    return path -> nodes.containsKey(path) ? nodes.get(path).after() : null;
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
