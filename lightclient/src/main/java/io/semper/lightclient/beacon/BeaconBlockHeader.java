package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;

/// A block of the beacon chain, its body by its root.
record BeaconBlockHeader(
    long slot, long proposerIndex, Hash32 parentRoot, Hash32 stateRoot, Hash32 bodyRoot) {
  static final int SSZ_BYTES = 2 * Long.BYTES + 3 * Hash32.BYTES;
  static final BeaconBlockHeader EMPTY =
      new BeaconBlockHeader(0, 0, Hash32.ZERO, Hash32.ZERO, Hash32.ZERO);

  static BeaconBlockHeader read(SszReader in) {
    return new BeaconBlockHeader(in.uint64(), in.uint64(), in.hash(), in.hash(), in.hash());
  }

  void write(SszWriter out) {
    out.uint64(slot).uint64(proposerIndex).hash(parentRoot).hash(stateRoot).hash(bodyRoot);
  }

  /// `hash_tree_root`: the root the block is known by.
  Hash32 root() {
    return Ssz.merkleize(
        Ssz.uint64(slot), Ssz.uint64(proposerIndex), parentRoot, stateRoot, bodyRoot);
  }
}
