package io.semper.node.cli;

import io.semper.core.crypto.Secp256k1;
import io.semper.core.rlp.MalformedInputException;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkChoice;
import io.semper.node.config.NetworkFile;
import io.semper.node.config.PeerSettings;
import io.semper.node.config.SecretFile;
import io.semper.p2p.identity.Multiaddr;
import io.semper.p2p.identity.PeerId;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import picocli.CommandLine.Option;

/// Whether and how a node meets others. Naming a port or bootnodes turns it on.
final class PeerOptions {
  private static final int IDENTITY_BYTES = 32;

  @Option(
      names = "--p2p-port",
      paramLabel = "PORT",
      description = "Meet other nodes over libp2p on this TCP port, 0 for any free one.")
  private Integer port;

  @Option(
      names = "--p2p-quic-port",
      paramLabel = "PORT",
      description = "Meet them over QUIC as well, on this UDP port, 0 for any free one.")
  private Integer quicPort;

  @Option(
      names = "--p2p-host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address to listen on for other nodes; 0.0.0.0 for all.")
  private String host;

  @Option(
      names = "--bootnodes",
      paramLabel = "MULTIADDR",
      split = ",",
      description = "Nodes to begin with, such as /ip4/10.0.0.7/tcp/9000/p2p/16Uiu2H...")
  private List<String> bootnodes = new ArrayList<>();

  @Option(
      names = "--allowed-peers",
      paramLabel = "PEER_ID",
      split = ",",
      description = "The only nodes to deal with, by the ids their addresses end in; all if none.")
  private List<String> allowed = new ArrayList<>();

  /// Empty where nothing asks for peers: neither an option nor bootnodes the network brings.
  ///
  /// @param directory empty for a node that keeps nothing
  Optional<PeerSettings> settings(
      Optional<DataDirectory> directory, NetworkChoice choice, List<Multiaddr> ofNetwork)
      throws IOException {
    List<Multiaddr> all = new ArrayList<>(ofNetwork);
    for (String address : bootnodes) {
      try {
        all.add(Multiaddr.parse(address));
      } catch (MalformedInputException e) {
        throw new Failure("--bootnodes: " + address + ": " + e.getMessage());
      }
    }
    Set<PeerId> only = new HashSet<>();
    for (String id : allowed) {
      try {
        only.add(PeerId.parse(id));
      } catch (MalformedInputException e) {
        throw new Failure("--allowed-peers: " + id + ": " + e.getMessage());
      }
    }
    if (port == null && quicPort == null && all.isEmpty()) {
      return Optional.empty();
    }
    int chosen = port == null ? 0 : port;
    RpcOptions.requirePort("--p2p-port", chosen);
    if (quicPort != null) {
      RpcOptions.requirePort("--p2p-quic-port", quicPort);
    }
    byte[] identity =
        directory.isPresent()
            ? SecretFile.readOrCreate(directory.get().identity())
            : randomIdentity();
    if (!Secp256k1.isPrivateKey(identity)) {
      throw new IOException(directory.get().identity() + " holds no private key of secp256k1");
    }
    return Optional.of(
        new PeerSettings(
            host,
            chosen,
            quicPort == null ? OptionalInt.empty() : OptionalInt.of(quicPort),
            all,
            only,
            identity,
            directory.map(DataDirectory::addressBook),
            directory.map(DataDirectory::networkFile),
            choice.genesisFile()));
  }

  private static byte[] randomIdentity() {
    byte[] identity = new byte[IDENTITY_BYTES];
    new SecureRandom().nextBytes(identity);
    return identity;
  }

  /// Bootnodes that a directory's network file names from an earlier run.
  static List<Multiaddr> remembered(DataDirectory directory) throws IOException {
    return Files.exists(directory.networkFile())
        ? NetworkFile.read(directory.networkFile()).bootnodes()
        : List.of();
  }
}
