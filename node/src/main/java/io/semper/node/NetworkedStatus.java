package io.semper.node;

import io.semper.core.bytes.UInt256;
import io.semper.rpc.eth.NodeStatus;
import java.util.Optional;

/// What a node with peers tells of itself.
record NetworkedStatus(NodeStatus alone, PeerNetwork peers) implements NodeStatus {
  @Override
  public String clientVersion() {
    return alone.clientVersion();
  }

  @Override
  public UInt256 networkId() {
    return alone.networkId();
  }

  @Override
  public boolean listening() {
    return true;
  }

  @Override
  public int peerCount() {
    return peers.peerCount();
  }

  @Override
  public Optional<SyncProgress> syncing() {
    return peers.syncing();
  }
}
