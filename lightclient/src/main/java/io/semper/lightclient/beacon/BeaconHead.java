package io.semper.lightclient.beacon;

import io.semper.core.bytes.Hash32;

/// A proven beacon block and the execution block in it.
///
/// @param timeMillis when its slot began, since 1970
/// @param executionBlockHash zero before there is an execution chain
public record BeaconHead(long slot, Hash32 blockRoot, long timeMillis, Hash32 executionBlockHash) {
  static BeaconHead of(ConsensusNetwork network, LightClientHeader header) {
    return new BeaconHead(
        header.slot(),
        header.beacon().root(),
        network.timeMillisOf(header.slot()),
        header.executionBlockHash());
  }
}
