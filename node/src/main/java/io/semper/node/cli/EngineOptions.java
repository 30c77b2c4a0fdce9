package io.semper.node.cli;

import io.semper.node.config.DataDirectory;
import io.semper.node.config.EngineSettings;
import io.semper.node.config.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Whether and where a consensus client drives this node. Naming a port or a secret turns it on.
final class EngineOptions {
  /// Of any block (Yellow Paper).
  static final long LEAST_GAS_LIMIT = 5000;

  private static final String DEFAULT_PORT = "8551";

  @Option(
      names = "--engine-port",
      paramLabel = "PORT",
      arity = "0..1",
      fallbackValue = DEFAULT_PORT,
      description = "Serve the Engine API to a consensus client here (8551 if no port is named).")
  private Integer port;

  @Option(
      names = "--engine-host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address for the Engine API; 0.0.0.0 for all.")
  private String host;

  @Option(
      names = "--jwt-secret",
      paramLabel = "FILE",
      description =
          "The secret shared with the consensus client, made if absent (default: jwt.hex in the"
              + " data directory). Turns the Engine API on.")
  private Path secret;

  @Option(
      names = "--gas-limit",
      paramLabel = "GAS",
      defaultValue = "60000000",
      description = "Gas limit to move towards in blocks built here.")
  private long gasLimit;

  /// Empty where the Engine API is not wanted.
  Optional<EngineSettings> settings(DataDirectory directory) throws IOException {
    if (port == null && secret == null) {
      return Optional.empty();
    }
    int chosen = port == null ? Integer.parseInt(DEFAULT_PORT) : port;
    RpcOptions.requirePort("--engine-port", chosen);
    RpcOptions.requireAtLeast(LEAST_GAS_LIMIT, "--gas-limit", gasLimit);
    Path file = secret == null ? directory.jwtSecret() : secret;
    return Optional.of(
        new EngineSettings(host, chosen, SecretFile.readOrCreate(file), gasLimit, file));
  }
}
