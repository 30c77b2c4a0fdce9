package io.semper.chain.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.trie.NodePath;
import io.semper.core.trie.TrieUpdate.NodeChange;
import io.semper.core.view.Account;
import java.util.Map;

/// Everything a block changes in the state, worked out and not yet stored.
///
/// @param parentRoot root of the state it applies to
/// @param root root of the state it leads to
/// @param codes new code by hash
public record StateDelta(
    Hash32 parentRoot,
    Hash32 root,
    Map<Address, AccountChange> accounts,
    Map<NodePath, NodeChange> accountNodes,
    Map<Hash32, byte[]> codes) {

  /// @param key hash of the address
  /// @param before `null` where there was no account
  /// @param after `null` where there is none any more
  /// @param storage `null` where no slot changed
  public record AccountChange(Hash32 key, Account before, Account after, StorageChange storage) {}

  /// @param cleared all slots from before are gone; `values` then lists all there are
  /// @param values new values of the slots execution touched
  /// @param slots every slot whose stored value differs, by hash
  public record StorageChange(
      boolean cleared,
      Map<UInt256, UInt256> values,
      Map<Hash32, SlotChange> slots,
      Map<NodePath, NodeChange> nodes) {}

  /// Zero stands for a slot that is not stored.
  public record SlotChange(UInt256 before, UInt256 after) {}
}
