package io.semper.node.config;

import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// How a node meets others.
///
/// @param host address to listen on
/// @param port 0 for any free one
/// @param quicPort UDP port to listen on as well; empty for TCP alone
/// @param bootnodes to begin with
/// @param allowed the only nodes to deal with; all if empty
/// @param identity 32 bytes of which the node's key is made
/// @param addressBook where addresses of others are kept between runs; empty for nowhere
/// @param networkFile where to write what others need to join; empty for nowhere
/// @param genesisFile of the network, to be written there
public record PeerSettings(
    String host,
    int port,
    OptionalInt quicPort,
    List<Multiaddr> bootnodes,
    Set<PeerId> allowed,
    byte[] identity,
    Optional<Path> addressBook,
    Optional<Path> networkFile,
    Optional<byte[]> genesisFile) {
  public PeerSettings {
    bootnodes = List.copyOf(bootnodes);
    allowed = Set.copyOf(allowed);
  }
}
