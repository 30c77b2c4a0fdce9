package io.semper.chain.state;

import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.Schema;
import io.semper.chain.db.WriteBatch;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.trie.NodePath;
import io.semper.core.trie.StateTrie;
import io.semper.core.trie.TrieBuilder;
import io.semper.core.view.Account;
import io.semper.genesis.Allocation;
import io.semper.genesis.GenesisAccount;

/// Writes the state before the first block, which may be larger than memory.
///
/// Accounts and slots go into the database as they come; from there they are read back in the order
/// of their hashes, which is the order in which a trie can be built holding one path of it.
final class FirstState {
  /// What is held before it is written.
  static final long MAX_BATCH_BYTES = 4L << 20;

  private static final byte[][] EVERY_KIND = {
    Schema.account(Hash32.ZERO),
    Schema.slot(Hash32.ZERO, Hash32.ZERO),
    Schema.accountNode(NodePath.ROOT),
    Schema.storageNode(Hash32.ZERO, NodePath.ROOT),
    Schema.code(Hash32.ZERO)
  };

  private final KeyValueStore db;
  private final long maxBatchBytes;
  private WriteBatch batch = new WriteBatch();

  private FirstState(KeyValueStore db, long maxBatchBytes) {
    this.db = db;
    this.maxBatchBytes = maxBatchBytes;
  }

  /// Puts the state into a database that holds none, but may hold parts of one, left behind by a
  /// process that ended while it did the same.
  ///
  /// @return the state's root
  static Hash32 write(KeyValueStore db, Allocation allocation, long maxBatchBytes) {
    FirstState state = new FirstState(db, maxBatchBytes);
    state.removeAll();
    allocation.accounts().forEach(state::write);
    state.flush();
    Hash32 root = state.buildTries();
    state.flush();
    return root;
  }

  private void removeAll() {
    try (KeyValueStore.Cursor cursor = db.cursor()) {
      for (byte[] first : EVERY_KIND) {
        boolean more = cursor.seek(first);
        for (; more && cursor.key()[0] == first[0]; more = cursor.next()) {
          batch.delete(cursor.key());
          flushIfLarge();
        }
      }
    }
    flush();
  }

  private void write(Address address, GenesisAccount account) {
    Hash32 key = StateTrie.key(address);
    Hash32 codeHash = Keccak.hash(account.code());
    account
        .storage()
        .forEach((slot, value) -> put(Schema.slot(key, StateTrie.key(slot)), FlatValue.of(value)));
    if (account.code().length > 0) {
      put(Schema.code(codeHash), account.code());
    }
    Account flat = new Account(account.nonce(), account.balance(), Account.EMPTY_ROOT, codeHash);
    put(Schema.account(key), FlatValue.of(flat));
  }

  private Hash32 buildTries() {
    TrieBuilder state = new TrieBuilder((path, rlp) -> put(Schema.accountNode(path), rlp));
    try (KeyValueStore.Cursor accounts = db.cursor();
        KeyValueStore.Cursor slots = db.cursor()) {
      byte[] firstAccount = Schema.account(Hash32.ZERO);
      byte[] firstSlot = Schema.slot(Hash32.ZERO, Hash32.ZERO);
      boolean moreSlots = slots.seek(firstSlot) && slots.key()[0] == firstSlot[0];
      boolean more = accounts.seek(firstAccount);
      for (; more && accounts.key()[0] == firstAccount[0]; more = accounts.next()) {
        Hash32 key = Hash32.of(accounts.key(), 1);
        Account account = FlatValue.account(accounts.value());
        if (moreSlots && Hash32.of(slots.key(), 1).equals(key)) {
          TrieBuilder storage =
              new TrieBuilder((path, rlp) -> put(Schema.storageNode(key, path), rlp));
          do {
            UInt256 value = FlatValue.slot(slots.value());
            storage.add(Hash32.of(slots.key(), 33), StateTrie.encode(value));
            moreSlots = slots.next() && slots.key()[0] == firstSlot[0];
          } while (moreSlots && Hash32.of(slots.key(), 1).equals(key));
          account =
              new Account(account.nonce(), account.balance(), storage.root(), account.codeHash());
          put(Schema.account(key), FlatValue.of(account));
        }
        state.add(key, StateTrie.encode(account));
      }
    }
    return state.root();
  }

  private void put(byte[] key, byte[] value) {
    batch.put(key, value);
    flushIfLarge();
  }

  private void flushIfLarge() {
    if (batch.bytes() > maxBatchBytes) {
      flush();
    }
  }

  private void flush() {
    if (batch.size() > 0) {
      db.write(batch, false);
      batch = new WriteBatch();
    }
  }
}
