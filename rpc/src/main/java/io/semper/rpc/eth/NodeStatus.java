package io.semper.rpc.eth;

import io.semper.core.bytes.UInt256;
import java.util.Optional;

/// What methods tell about the node itself. Safe for use by several threads.
public interface NodeStatus {
  /// `name/version/platform/runtime`.
  String clientVersion();

  UInt256 networkId();

  boolean listening();

  int peerCount();

  /// Empty while the node is at the head of its chain.
  Optional<SyncProgress> syncing();

  /// Block numbers.
  record SyncProgress(long starting, long current, long highest) {}

  /// A node without peers.
  static NodeStatus alone(String clientVersion, UInt256 networkId) {
    return new NodeStatus() {
      @Override
      public String clientVersion() {
        return clientVersion;
      }

      @Override
      public UInt256 networkId() {
        return networkId;
      }

      @Override
      public boolean listening() {
        return true;
      }

      @Override
      public int peerCount() {
        return 0;
      }

      @Override
      public Optional<SyncProgress> syncing() {
        return Optional.empty();
      }
    };
  }
}
