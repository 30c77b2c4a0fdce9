package io.semper.lightclient.beacon;

import io.semper.core.rlp.MalformedInputException;
import io.semper.lightclient.beacon.LightClientUpdate.Kind;

/// Containers in SSZ that name their fork by its digest, as they come over libp2p and in ranges
/// over REST. Everything throws [MalformedInputException] where the bytes are none of the kind.
public final class BeaconChunks {
  /// Largest container but for its committee: two headers, branches, a signature.
  private static final int MAX_BYTES_BESIDE_COMMITTEE = 8 << 10;

  private final ConsensusNetwork network;

  public BeaconChunks(ConsensusNetwork network) {
    this.network = network;
  }

  /// No container is longer.
  public int maxBytes() {
    return MAX_BYTES_BESIDE_COMMITTEE + SyncCommittee.sszBytes(network.syncCommitteeSize());
  }

  public Claim<LightClientBootstrap> bootstrap(int digest, byte[] ssz) {
    int size = network.syncCommitteeSize();
    return new Claim<>(LightClientBootstrap.read(ssz, fork(digest), size), ssz);
  }

  public Claim<LightClientUpdate> update(int digest, byte[] ssz, Kind kind) {
    int size = network.syncCommitteeSize();
    return new Claim<>(LightClientUpdate.read(ssz, kind, fork(digest), size), ssz);
  }

  private ConsensusFork fork(int digest) {
    return network
        .forkOfDigest(digest)
        .orElseThrow(() ->
            new MalformedInputException("unknown fork digest " + Integer.toHexString(digest), 0));
  }
}
