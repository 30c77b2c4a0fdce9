package io.semper.chain.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.trie.NodePath;
import io.semper.core.trie.NodeSource;
import io.semper.core.trie.StateTrie;
import io.semper.core.trie.Trie;
import io.semper.core.trie.TrieUpdate;
import io.semper.core.trie.TrieUpdate.NodeChange;
import io.semper.core.view.Account;
import io.semper.evm.state.StateDiff;
import io.semper.evm.state.StateDiff.AccountDiff;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// From what execution changed to what the database must change, and the new root. Reads only.
final class DeltaComputation {
  private static final int PARALLEL_FROM_ACCOUNTS = 16;

  private record Changed(Address address, StateDelta.AccountChange change) {}

  private DeltaComputation() {}

  /// @param stored whether what accounts lost with all their storage must be listed, as storing and
  ///   undoing it takes: work of any size, which a state that is only read does without
  static StateDelta compute(ChainState parent, StateDiff diff, boolean stored) {
    Map<Address, StateDelta.AccountChange> accounts = HashMap.newHashMap(diff.accounts().size());
    Map<Hash32, byte[]> codes = new HashMap<>();
    SortedMap<Hash32, byte[]> leaves = new TreeMap<>();
    for (Changed changed : changes(parent, diff, stored)) {
      StateDelta.AccountChange change = changed.change();
      if (change.before() == null && change.after() == null) continue;
      accounts.put(changed.address(), change);
      leaves.put(change.key(), change.after() == null ? null : StateTrie.encode(change.after()));
      AccountDiff d = diff.accounts().get(changed.address());
      if (!d.deleted() && d.newCode() != null && d.newCode().length > 0) {
        codes.put(d.codeHash(), d.newCode());
      }
    }
    TrieUpdate update = Trie.update(parent.accountNodes(), leaves);
    return new StateDelta(parent.root(), update.root(), accounts, update.nodes(), codes);
  }

  /// Storage tries are independent of each other: where there are many changes, all cores share
  /// them.
  private static List<Changed> changes(ChainState parent, StateDiff diff, boolean stored) {
    Stream<Map.Entry<Address, AccountDiff>> accounts = diff.accounts().entrySet().stream();
    if (diff.accounts().size() >= PARALLEL_FROM_ACCOUNTS) accounts = accounts.parallel();
    return accounts
        .map(e -> new Changed(e.getKey(), change(parent, e.getKey(), e.getValue(), stored)))
        .toList();
  }

  private static StateDelta.AccountChange change(
      ChainState parent, Address address, AccountDiff diff, boolean stored) {
    Hash32 key = StateTrie.key(address);
    Account before = parent.account(address);
    boolean cleared =
        (diff.deleted() || diff.storageCleared())
            && before != null
            && !before.storageRoot().equals(Account.EMPTY_ROOT);
    if (diff.deleted()) {
      StateDelta.StorageChange storage = cleared ? cleared(parent, key, stored) : null;
      return new StateDelta.AccountChange(key, before, null, storage);
    }
    Hash32 root = before == null || cleared ? Account.EMPTY_ROOT : before.storageRoot();
    StateDelta.StorageChange storage = cleared ? cleared(parent, key, stored) : null;
    if (!diff.storage().isEmpty()) {
      Map<Hash32, StateDelta.SlotChange> slots = HashMap.newHashMap(diff.storage().size());
      SortedMap<Hash32, byte[]> leaves = new TreeMap<>();
      boolean hadStorage = !root.equals(Account.EMPTY_ROOT);
      diff.storage()
          .forEach((slot, after) -> {
            UInt256 old = hadStorage ? parent.storage(address, slot) : UInt256.ZERO;
            if (old.equals(after)) return;
            Hash32 slotKey = StateTrie.key(slot);
            slots.put(slotKey, new StateDelta.SlotChange(old, after));
            leaves.put(slotKey, after.isZero() ? null : StateTrie.encode(after));
          });
      if (!slots.isEmpty()) {
        NodeSource nodes = hadStorage ? parent.storageNodes(key) : NodeSource.EMPTY;
        TrieUpdate update = Trie.update(nodes, leaves);
        root = update.root();
        storage =
            storage == null
                ? new StateDelta.StorageChange(false, diff.storage(), slots, update.nodes())
                : rebuilt(storage, diff.storage(), slots, update.nodes());
      }
    }
    Account after = new Account(diff.nonce(), diff.balance(), root, diff.codeHash());
    return new StateDelta.AccountChange(key, before, after, storage);
  }

  /// Storage is found through its trie, which works on any parent, stored, past or in memory.
  private static StateDelta.StorageChange cleared(ChainState parent, Hash32 key, boolean stored) {
    Map<Hash32, StateDelta.SlotChange> slots = new HashMap<>();
    Map<NodePath, NodeChange> nodes = new HashMap<>();
    if (stored) {
      Trie.walk(
          parent.storageNodes(key),
          (path, rlp) -> nodes.put(path, new NodeChange(rlp, null)),
          (slot, value) ->
              slots.put(
                  slot, new StateDelta.SlotChange(StateTrie.decodeSlot(value), UInt256.ZERO)));
    }
    return new StateDelta.StorageChange(true, Map.of(), slots, nodes);
  }

  /// What was cleared and then written anew, as one change.
  private static StateDelta.StorageChange rebuilt(
      StateDelta.StorageChange cleared,
      Map<UInt256, UInt256> values,
      Map<Hash32, StateDelta.SlotChange> slots,
      Map<NodePath, NodeChange> nodes) {
    slots.forEach((slot, change) ->
        cleared
            .slots()
            .merge(
                slot,
                change,
                (old, anew) -> new StateDelta.SlotChange(old.before(), anew.after())));
    nodes.forEach((path, change) ->
        cleared
            .nodes()
            .merge(path, change, (old, anew) -> new NodeChange(old.before(), anew.after())));
    return new StateDelta.StorageChange(true, values, cleared.slots(), cleared.nodes());
  }
}
