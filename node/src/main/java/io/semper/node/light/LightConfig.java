package io.semper.node.light;

import io.semper.core.bytes.Hash32;
import io.semper.genesis.Network;
import io.semper.lightclient.beacon.ConsensusNetwork;
import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.node.config.RpcSettings;
import io.semper.p2p.discovery.NodeRecord;
import io.semper.p2p.identity.Multiaddr;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a light client is made of.
///
/// @param checkpoint a block trusted to be the network's, empty for its genesis block; with a
///   beacon chain the root of a final block of that
/// @param limits of what asking them may cost
/// @param store where what is verified is kept; empty for memory only
/// @param beacon who signs for the network's blocks, empty for one of QBFT
/// @param unverified methods that are passed on to an upstream, whose answer nobody checks
/// @param trustingSeconds for how long validators are trusted to guard their keys
public record LightConfig(
    Network network,
    Optional<Hash32> checkpoint,
    List<URI> upstreams,
    UpstreamLimits limits,
    Optional<Path> store,
    Set<String> unverified,
    long trustingSeconds,
    Optional<Beacon> beacon,
    RpcSettings rpc,
    String clientVersion) {
  /// A beacon chain and whom to ask for what its sync committees sign.
  ///
  /// @param sources REST interfaces of beacon nodes
  /// @param peers beacon nodes on their own network, with their peer ids
  /// @param bootnodes nodes to ask for others there
  public record Beacon(
      ConsensusNetwork network,
      List<URI> sources,
      List<Multiaddr> peers,
      List<NodeRecord> bootnodes) {}

  /// Of a network of QBFT.
  public LightConfig(
      Network network,
      Optional<Hash32> checkpoint,
      List<URI> upstreams,
      Optional<Path> store,
      Set<String> unverified,
      long trustingSeconds,
      RpcSettings rpc,
      String clientVersion) {
    this(
        network,
        checkpoint,
        upstreams,
        UpstreamLimits.DEFAULT,
        store,
        unverified,
        trustingSeconds,
        Optional.empty(),
        rpc,
        clientVersion);
  }
}
