package io.semper.node.cli;

import io.semper.genesis.PublicNetwork;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkChoice;
import io.semper.node.config.NetworkFile;
import io.semper.p2p.identity.Multiaddr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Which network: a public one by name, another by its genesis file, or what the data directory
/// remembers.
final class NetworkOptions {
  @Option(
      names = "--genesis",
      paramLabel = "FILE",
      description = "Genesis file of the network, as go-ethereum or Besu write it.")
  private Path genesis;

  @Option(
      names = "--network",
      paramLabel = "NAME|FILE",
      description =
          "A public network: mainnet, sepolia, holesky or hoodi; or the network.json that a node of"
              + " another network wrote.")
  private String name;

  /// What was asked for, else what the data directory was made for.
  NetworkChoice choose(DataDirectory directory) throws IOException {
    Optional<NetworkChoice> asked = asked();
    if (asked.isPresent()) {
      return asked.get();
    }
    return directory
        .remembered()
        .orElseThrow(() ->
            new Failure(
                directory
                    + " holds no chain yet: say which network with --network NAME or"
                    + " --genesis FILE"));
  }

  /// What was asked for.
  NetworkChoice named() throws IOException {
    return asked()
        .orElseThrow(() -> new Failure("say which network with --network FILE or --genesis FILE"));
  }

  /// Nodes to begin with, as the network's file or an earlier run named them.
  List<Multiaddr> bootnodes(DataDirectory directory) throws IOException {
    return isFile()
        ? NetworkFile.read(Path.of(name)).bootnodes()
        : PeerOptions.remembered(directory);
  }

  private boolean isFile() {
    return name != null
        && PublicNetwork.named(name).isEmpty()
        && Files.isRegularFile(Path.of(name));
  }

  private Optional<NetworkChoice> asked() throws IOException {
    if (genesis != null && name != null) {
      throw new Failure("--genesis and --network exclude each other");
    }
    if (genesis != null) {
      return Optional.of(new NetworkChoice.OfFile(Files.readAllBytes(genesis)));
    }
    if (name == null) {
      return Optional.empty();
    }
    if (isFile()) {
      return Optional.of(new NetworkChoice.OfFile(NetworkFile.read(Path.of(name)).genesis()));
    }
    PublicNetwork network =
        PublicNetwork.named(name)
            .orElseThrow(() ->
                new Failure(
                    "unknown network '"
                        + name
                        + "'; known are "
                        + String.join(", ", PublicNetwork.ids())
                        + ", any other by its --genesis FILE or the network.json of its nodes"));
    return Optional.of(new NetworkChoice.Public(network));
  }
}
