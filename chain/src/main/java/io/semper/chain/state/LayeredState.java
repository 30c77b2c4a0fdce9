package io.semper.chain.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.trie.NodeSource;
import io.semper.core.trie.TrieUpdate.NodeChange;
import io.semper.core.view.Account;
import java.util.HashMap;
import java.util.Map;

/// A block's changes over the state before it: blocks of side branches, pending blocks, and blocks
/// executed ahead of the one being stored.
final class LayeredState implements ChainState {
  private final ChainState below;
  private final StateDelta delta;
  private final Map<Hash32, StateDelta.StorageChange> storageByKey = new HashMap<>();

  LayeredState(ChainState below, StateDelta delta) {
    this.below = below;
    this.delta = delta;
    for (StateDelta.AccountChange change : delta.accounts().values()) {
      if (change.storage() != null) storageByKey.put(change.key(), change.storage());
    }
  }

  @Override
  public Hash32 root() {
    return delta.root();
  }

  @Override
  public Account account(Address address) {
    StateDelta.AccountChange change = delta.accounts().get(address);
    return change == null ? below.account(address) : change.after();
  }

  @Override
  public UInt256 storage(Address address, UInt256 slot) {
    StateDelta.AccountChange change = delta.accounts().get(address);
    if (change != null && change.storage() != null) {
      UInt256 value = change.storage().values().get(slot);
      if (value != null) return value;
      if (change.storage().cleared()) return UInt256.ZERO;
    }
    return below.storage(address, slot);
  }

  @Override
  public byte[] code(Hash32 codeHash) {
    byte[] code = delta.codes().get(codeHash);
    return code == null ? below.code(codeHash) : code;
  }

  @Override
  public long[] jumpDestinations(Hash32 codeHash) {
    return delta.codes().containsKey(codeHash) ? null : below.jumpDestinations(codeHash);
  }

  @Override
  public NodeSource accountNodes() {
    NodeSource nodesBelow = below.accountNodes();
    return path -> {
      NodeChange change = delta.accountNodes().get(path);
      return change == null ? nodesBelow.node(path) : change.after();
    };
  }

  @Override
  public NodeSource storageNodes(Hash32 accountKey) {
    NodeSource nodesBelow = below.storageNodes(accountKey);
    StateDelta.StorageChange storage = storageByKey.get(accountKey);
    if (storage == null) return nodesBelow;
    return path -> {
      NodeChange change = storage.nodes().get(path);
      if (change != null) return change.after();
      return storage.cleared() ? null : nodesBelow.node(path);
    };
  }
}
