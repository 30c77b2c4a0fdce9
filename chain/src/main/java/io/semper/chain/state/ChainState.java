package io.semper.chain.state;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.trie.NodeSource;
import io.semper.core.trie.StateTrie;
import io.semper.core.trie.Trie;
import io.semper.core.view.Account;
import io.semper.core.view.ChainView.AccountProof;
import io.semper.core.view.ChainView.SlotProof;
import io.semper.core.view.StateView;
import java.util.ArrayList;
import java.util.List;

/// The state after one block with its tries: stored, or on top of another one in memory.
///
/// A stored state stays readable while later blocks are appended. When its block is reverted, or
/// its history pruned, reading throws
/// [HistoryUnavailableException][io.semper.core.view.HistoryUnavailableException].
public sealed interface ChainState extends StateView permits StoredState, LayeredState {
  Hash32 root();

  NodeSource accountNodes();

  /// The storage trie of the account with this key (hash of its address).
  NodeSource storageNodes(Hash32 accountKey);

  /// This state with `delta`, which must have been computed on it, in memory.
  default ChainState plus(StateDelta delta) {
    return new LayeredState(this, delta);
  }

  /// An EIP-1186 proof under [#root].
  default AccountProof prove(Address address, List<UInt256> slots) {
    Hash32 key = StateTrie.key(address);
    Account account = account(address);
    NodeSource storage = account == null ? NodeSource.EMPTY : storageNodes(key);
    List<SlotProof> proofs = new ArrayList<>(slots.size());
    for (UInt256 slot : slots) {
      List<byte[]> proof = Trie.prove(storage, StateTrie.key(slot));
      proofs.add(new SlotProof(slot, storage(address, slot), proof));
    }
    return new AccountProof(address, account, Trie.prove(accountNodes(), key), proofs);
  }
}
