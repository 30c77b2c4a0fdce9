package io.semper.chain.state;

import io.semper.chain.db.Schema;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.trie.NodePath;
import io.semper.core.trie.NodeSource;
import io.semper.core.trie.StateTrie;
import io.semper.core.view.Account;

/// The state after a canonical block in the database.
final class StoredState implements ChainState {
  private final StateStore store;
  private final long number;

  /// In which lineage of the chain the block was seen; a later revert below it ends this view.
  private final StateStore.Lineage lineage;

  private volatile Hash32 root;

  /// @param root `null` where it is not at hand
  StoredState(StateStore store, long number, StateStore.Lineage lineage, Hash32 root) {
    this.store = store;
    this.number = number;
    this.lineage = lineage;
    this.root = root;
  }

  long number() {
    return number;
  }

  StateStore.Lineage lineage() {
    return lineage;
  }

  @Override
  public Hash32 root() {
    Hash32 known = root;
    if (known == null) {
      byte[] node = accountNodes().node(NodePath.ROOT);
      known = node == null ? Account.EMPTY_ROOT : Keccak.hash(node);
      root = known;
    }
    return known;
  }

  @Override
  public Account account(Address address) {
    LatestCache.Entry<Address, Account> known = store.accounts.get(address);
    if (known != null && isNewest()) return known.value();
    byte[] stored = store.read(Schema.account(StateTrie.key(address)), this);
    Account account = FlatValue.account(stored);
    if (isNewest()) store.accounts.putIf(address, account, this::isNewest);
    return account;
  }

  @Override
  public UInt256 storage(Address address, UInt256 slot) {
    StateStore.SlotKey key = new StateStore.SlotKey(address, slot);
    LatestCache.Entry<StateStore.SlotKey, UInt256> known = store.slots.get(key);
    if (known != null && isNewest()) return known.value();
    if (isNewest() && hasNoStorage(address) && isNewest()) return UInt256.ZERO;
    byte[] stored = store.read(Schema.slot(StateTrie.key(address), StateTrie.key(slot)), this);
    UInt256 value = FlatValue.slot(stored);
    if (isNewest()) store.slots.putIf(key, value, this::isNewest);
    return value;
  }

  /// Asked before slots are read, because new contracts write to thousands of slots that were never
  /// set: an account that is at hand answers without two hashes and a read of the database each.
  private boolean hasNoStorage(Address address) {
    Account account = account(address);
    return account == null || account.storageRoot().equals(Account.EMPTY_ROOT);
  }

  @Override
  public byte[] code(Hash32 codeHash) {
    return store.code(codeHash).bytes();
  }

  @Override
  public long[] jumpDestinations(Hash32 codeHash) {
    return store.code(codeHash).jumpDestinations();
  }

  @Override
  public NodeSource accountNodes() {
    return path -> store.node(null, path, this);
  }

  @Override
  public NodeSource storageNodes(Hash32 accountKey) {
    return path -> store.node(accountKey, path, this);
  }

  /// Whether no block has been written on top of this state, nor is being written. True after a
  /// read means that the value read is this state's.
  boolean isNewest() {
    return store.newest() == number && lineage.isCurrent();
  }
}
