package io.semper.node.config;

import io.semper.genesis.PublicNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/// Where a node keeps what it has to keep: the database in `chain`, keys in `keystore`, the
/// network's name in `network` and, for networks of one's own, its genesis file.
///
/// The database's own lock keeps a second process out.
public record DataDirectory(Path path) {
  private static final String NETWORK_FILE = "network";
  private static final String GENESIS_FILE = "genesis.json";
  private static final String CUSTOM = "custom";
  private static final String DEVELOPMENT = "dev";

  public Path chain() {
    return path.resolve("chain");
  }

  public Path keystore() {
    return path.resolve("keystore");
  }

  /// Transactions on their way, kept between runs.
  public Path pool() {
    return path.resolve("pool");
  }

  /// The secret shared with a consensus client, unless another file is named.
  public Path jwtSecret() {
    return path.resolve("jwt.hex");
  }

  /// Of what the node's key among peers is made.
  public Path identity() {
    return path.resolve("nodekey");
  }

  /// What this validator has signed. Lost, it must not sign for a while.
  public Path votes() {
    return path.resolve("votes");
  }

  /// Addresses of other nodes.
  public Path addressBook() {
    return path.resolve("peers");
  }

  /// What another node needs to join this one's network.
  public Path networkFile() {
    return path.resolve("network.json");
  }

  /// The network this directory was made for; empty for a new one.
  public Optional<NetworkChoice> remembered() throws IOException {
    List<String> words;
    try {
      words = List.of(Files.readString(path.resolve(NETWORK_FILE)).strip().split(" "));
    } catch (NoSuchFileException fresh) {
      return Optional.empty();
    }
    if (words.equals(List.of(CUSTOM))) {
      return Optional.of(new NetworkChoice.OfFile(Files.readAllBytes(path.resolve(GENESIS_FILE))));
    }
    if (words.size() == 3 && words.getFirst().equals(DEVELOPMENT)) {
      try {
        return Optional.of(
            new NetworkChoice.Development(
                Long.parseLong(words.get(1)), Integer.parseInt(words.get(2))));
      } catch (NumberFormatException damaged) {
        throw unreadable(words);
      }
    }
    return Optional.of(
        PublicNetwork.named(words.getFirst())
            .map(NetworkChoice.Public::new)
            .orElseThrow(() -> unreadable(words)));
  }

  private IOException unreadable(List<String> words) {
    return new IOException(
        path.resolve(NETWORK_FILE) + " names no network: '" + String.join(" ", words) + "'");
  }

  /// Notes the network of a new directory. One that has a network keeps it.
  public void remember(NetworkChoice choice) throws IOException {
    Path file = path.resolve(NETWORK_FILE);
    if (Files.exists(file)) {
      return;
    }
    Files.createDirectories(path);
    String line =
        switch (choice) {
          case NetworkChoice.Public known -> known.known().id();
          case NetworkChoice.Development dev ->
              DEVELOPMENT + " " + dev.timestamp() + " " + dev.accounts();
          case NetworkChoice.OfFile custom -> {
            Files.write(path.resolve(GENESIS_FILE), custom.json());
            yield CUSTOM;
          }
        };
    // Written whole or not at all: a directory with half a name could not be opened again.
    Path whole = Files.writeString(path.resolve(NETWORK_FILE + ".new"), line + "\n");
    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
