package io.semper.chain.state;

import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.Schema;
import io.semper.chain.db.StorageException;
import io.semper.core.bytes.Hash32;
import io.semper.core.trie.NodePath;
import io.semper.core.trie.StateTrie;
import io.semper.core.trie.TrieBuilder;
import io.semper.core.view.Account;

/// Builds the tries over all flat accounts and slots of a database. These lie in the order of their
/// hashes, in which a trie can be built holding one path of it.
final class FlatTries {
  private FlatTries() {}

  /// What becomes of what is found: of the nodes, nothing by itself.
  @FunctionalInterface
  interface Reader {
    default void accountNode(NodePath path, byte[] rlp) {}

    default void storageNode(Hash32 account, NodePath path, byte[] rlp) {}

    /// @param storageRoot as its slots have it
    /// @return the account as it stands in the trie
    Account account(Hash32 key, Account stored, Hash32 storageRoot);
  }

  /// @return the root of the account trie
  /// @throws StorageException where slots belong to no account
  static Hash32 build(KeyValueStore db, Reader reader) {
    TrieBuilder state = new TrieBuilder(reader::accountNode);
    try (KeyValueStore.Cursor accounts = db.cursor();
        KeyValueStore.Cursor slots = db.cursor()) {
      byte[] firstAccount = Schema.account(Hash32.ZERO);
      byte[] firstSlot = Schema.slot(Hash32.ZERO, Hash32.ZERO);
      boolean moreSlots = slots.seek(firstSlot) && slots.key()[0] == firstSlot[0];
      boolean more = accounts.seek(firstAccount);
      for (; more && accounts.key()[0] == firstAccount[0]; more = accounts.next()) {
        Hash32 key = Hash32.of(accounts.key(), 1);
        TrieBuilder storage = null;
        while (moreSlots) {
          Hash32 owner = Hash32.of(slots.key(), 1);
          if (owner.compareTo(key) < 0) throw inconsistent("slots without an account", owner);
          if (!owner.equals(key)) break;
          if (storage == null) {
            storage = new TrieBuilder((path, rlp) -> reader.storageNode(key, path, rlp));
          }
          byte[] value = StateTrie.encode(FlatValue.slot(slots.value()));
          storage.add(Hash32.of(slots.key(), 33), value);
          moreSlots = slots.next() && slots.key()[0] == firstSlot[0];
        }
        Hash32 storageRoot = storage == null ? Account.EMPTY_ROOT : storage.root();
        Account account = reader.account(key, FlatValue.account(accounts.value()), storageRoot);
        state.add(key, StateTrie.encode(account));
      }
      if (moreSlots) throw inconsistent("slots without an account", Hash32.of(slots.key(), 1));
    }
    return state.root();
  }

  static StorageException inconsistent(String what, Hash32 account) {
    return new StorageException(
        "the database is damaged: " + what + ", account with key " + account);
  }
}
