package io.semper.chain.state;

import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.Schema;
import io.semper.chain.db.WriteBatch;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.crypto.Keccak;
import io.semper.core.trie.NodePath;
import io.semper.core.trie.StateTrie;
import io.semper.core.view.Account;
import io.semper.genesis.Allocation;
import io.semper.genesis.GenesisAccount;

/// Writes the state before the first block, which may be larger than memory.
///
/// Accounts and slots go into the database as they come; over those that lie there the tries are
/// built then ([FlatTries]).
final class FirstState implements FlatTries.Reader {
  /// What is held before it is written.
  static final long MAX_BATCH_BYTES = 4L << 20;

  private static final byte[][] EVERY_KIND = {
    Schema.account(Hash32.ZERO),
    Schema.slot(Hash32.ZERO, Hash32.ZERO),
    Schema.accountNode(NodePath.ROOT),
    Schema.storageNode(Hash32.ZERO, NodePath.ROOT),
    Schema.code(Hash32.ZERO),
    Schema.bareCode(Hash32.ZERO)
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
    Hash32 root = FlatTries.build(db, state);
    state.flush();
    return root;
  }

  private void removeAll() {
    for (byte[] first : EVERY_KIND) {
      db.forEach(
          first,
          (key, value) -> {
            batch.delete(key);
            flushIfLarge();
          });
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
      put(Schema.code(codeHash), StoredCode.of(account.code()).encode());
    }
    Account flat = new Account(account.nonce(), account.balance(), Account.EMPTY_ROOT, codeHash);
    put(Schema.account(key), FlatValue.of(flat));
  }

  @Override
  public void accountNode(NodePath path, byte[] rlp) {
    put(Schema.accountNode(path), rlp);
  }

  @Override
  public void storageNode(Hash32 account, NodePath path, byte[] rlp) {
    put(Schema.storageNode(account, path), rlp);
  }

  @Override
  public Account account(Hash32 key, Account stored, Hash32 storageRoot) {
    if (storageRoot.equals(stored.storageRoot())) {
      return stored;
    }
    Account account = new Account(stored.nonce(), stored.balance(), storageRoot, stored.codeHash());
    put(Schema.account(key), FlatValue.of(account));
    return account;
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
