package io.semper.node.cli;

import io.semper.genesis.PublicNetwork;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
      paramLabel = "NAME",
      description = "A public network: mainnet, sepolia, holesky or hoodi.")
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
    PublicNetwork network =
        PublicNetwork.named(name)
            .orElseThrow(() ->
                new Failure(
                    "unknown network '"
                        + name
                        + "'; known are "
                        + String.join(", ", PublicNetwork.ids())
                        + ", any other by its --genesis FILE"));
    return Optional.of(new NetworkChoice.Public(network));
  }
}
