package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;

/// What nodes of the beacon chain tell each other when they meet (consensus-specs, `Status` of
/// `phase0/p2p-interface.md`, longer since Fulu).
///
/// @param forkDigest of the present
/// @param finalizedRoot zero, as all else, where nothing is known yet
/// @param finalizedEpoch the first whose checkpoint that block may be
public record BeaconStatus(
    int forkDigest, Hash32 finalizedRoot, long finalizedEpoch, Hash32 headRoot, long headSlot) {
  /// Bytes of the message, and of that since Fulu.
  public static final int BYTES = 84;

  public static final int FULU_BYTES = BYTES + Long.BYTES;

  /// Of who knows nothing yet but the network.
  public static BeaconStatus atStart(ConsensusNetwork network, long nowMillis) {
    return new BeaconStatus(network.digestAtMillis(nowMillis), Hash32.ZERO, 0, Hash32.ZERO, 0);
  }

  static BeaconStatus of(ConsensusNetwork network, LightClientStore store, long nowMillis) {
    BeaconBlockHeader finalized = store.finalizedHeader().beacon();
    BeaconBlockHeader head = store.optimisticHeader().beacon();
    return new BeaconStatus(
        network.digestAtMillis(nowMillis),
        finalized.root(),
        network.epochAt(finalized.slot() + network.slotsPerEpoch() - 1),
        head.root(),
        head.slot());
  }

  public byte[] encode() {
    return writer().toBytes();
  }

  /// As since Fulu, with the earliest slot whose block is to be had: there is none.
  public byte[] encodeFulu() {
    return writer().uint64(headSlot).toBytes();
  }

  private SszWriter writer() {
    SszWriter out = new SszWriter().uint32(Integer.reverseBytes(forkDigest)).hash(finalizedRoot);
    return out.uint64(finalizedEpoch).hash(headRoot).uint64(headSlot);
  }
}
