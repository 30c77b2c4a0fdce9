package io.semper.genesis;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.trie.StateTrie;
import io.semper.core.trie.Trie;
import io.semper.core.trie.TrieBuilder;
import io.semper.core.view.Account;
import java.util.Map;
import java.util.TreeMap;

/// The state root of a genesis allocation.
///
/// Every account listed is in the trie, also one without ether, nonce and code: the rule against
/// empty accounts (EIP-161) is about what transactions touch.
final class StateRoot {
  private StateRoot() {}

  static Hash32 of(Allocation allocation) {
    TreeMap<Hash32, GenesisAccount> accounts = new TreeMap<>();
    allocation
        .accounts()
        .forEach((address, account) -> accounts.put(StateTrie.key(address), account));
    TrieBuilder trie = new TrieBuilder();
    accounts.forEach((key, account) -> trie.add(key, StateTrie.encode(of(account))));
    return trie.root();
  }

  private static Account of(GenesisAccount account) {
    return new Account(
        account.nonce(),
        account.balance(),
        storageRoot(account.storage()),
        Keccak.hash(account.code()));
  }

  private static Hash32 storageRoot(Map<UInt256, UInt256> storage) {
    TreeMap<Hash32, byte[]> entries = new TreeMap<>();
    storage.forEach((slot, value) -> entries.put(StateTrie.key(slot), StateTrie.encode(value)));
    return Trie.root(entries);
  }
}
