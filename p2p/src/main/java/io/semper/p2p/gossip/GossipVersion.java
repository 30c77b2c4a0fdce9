package io.semper.p2p.gossip;

import java.util.List;
import java.util.stream.Stream;

/// The versions of the protocol spoken here, oldest first.
public enum GossipVersion {
  V1_0("/meshsub/1.0.0"),
  V1_1("/meshsub/1.1.0"),
  V1_2("/meshsub/1.2.0");

  private final String protocolId;

  GossipVersion(String protocolId) {
    this.protocolId = protocolId;
  }

  public String protocolId() {
    return protocolId;
  }

  /// Newest first, as they are offered.
  public static List<String> protocolIds() {
    return List.of(V1_2.protocolId, V1_1.protocolId, V1_0.protocolId);
  }

  public static GossipVersion of(String protocolId) {
    return Stream.of(values())
        .filter(version -> version.protocolId.equals(protocolId))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("not a gossip protocol: " + protocolId));
  }
}
