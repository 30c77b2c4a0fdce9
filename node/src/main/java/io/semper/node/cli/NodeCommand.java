package io.semper.node.cli;

import io.semper.genesis.Network;
import io.semper.node.Node;
import io.semper.node.Version;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkChoice;
import io.semper.node.config.NodeConfig;
import io.semper.node.config.SecretFile;
import io.semper.node.config.ValidatorSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `semper node`: serves a chain until it is told to stop.
@Command(name = "node", description = "Run a full node and serve its chain over JSON-RPC.")
final class NodeCommand implements Callable<Integer> {
  @Mixin private NetworkOptions networks;
  @Mixin private RpcOptions rpc;
  @Mixin private EngineOptions engine;
  @Mixin private PeerOptions peers;
  @Mixin private HistoryOption history;
  @Mixin private CompileOptions compile;
  @Mixin private LogOptions log;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      required = true,
      description = "Where the chain is kept.")
  private Path dataDir;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description = "Serve /metrics and /health here instead of on --port.")
  private Integer metricsPort;

  @Option(
      names = "--validator-key",
      paramLabel = "FILE",
      description = "Be a validator of a QBFT network with the key in this file, 64 digits.")
  private Path validatorKey;

  @Option(
      names = "--standby",
      description = {
        "Sign nothing with --validator-key: another process does.",
        "qbft_takeOver ends it, or --takeover-after."
      })
  private boolean standby;

  @Option(
      names = "--takeover-after",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description = {
        "On standby: sign once the other process has been silent so long and",
        "the network has gone on without it; 0 for never."
      })
  private int takeoverAfter;

  @Override
  public Integer call() throws IOException {
    log.apply();
    compile.apply();
    if (metricsPort != null) {
      RpcOptions.requirePort("--metrics-port", metricsPort);
    }
    DataDirectory directory = new DataDirectory(dataDir);
    NetworkChoice choice = networks.choose(directory);
    NodeConfig config =
        new NodeConfig(
            choice.network(),
            Optional.of(directory),
            history.blocks(),
            rpc.settings("Semper " + Version.number()),
            Version.client(),
            metricsPort == null ? OptionalInt.empty() : OptionalInt.of(metricsPort),
            Optional.empty(),
            engine.settings(directory),
            peers.settings(Optional.of(directory), choice, networks.bootnodes(directory)),
            validator(choice.network(), directory));
    try (Node node = start(config)) {
      directory.remember(choice);
      awaitStop(node);
    }
    return 0;
  }

  private Optional<ValidatorSettings> validator(Network network, DataDirectory directory)
      throws IOException {
    if (takeoverAfter < 0) {
      throw new Failure("--takeover-after: not a number of seconds: " + takeoverAfter);
    }
    if (takeoverAfter > 0 && !standby) {
      throw new Failure("--takeover-after: only on --standby");
    }
    if (validatorKey == null) {
      if (standby) {
        throw new Failure("--standby: needs --validator-key");
      }
      return Optional.empty();
    }
    if (network.qbft() == null) {
      throw new Failure("--validator-key: network " + network.name() + " has no validators");
    }
    byte[] key = SecretFile.read(validatorKey);
    return Optional.of(
        new ValidatorSettings(
            key, directory.votes(), network.genesis().gasLimit(), standby, takeoverAfter * 1000L));
  }

  /// A port in use is the one failure of a server to start that its user can mend.
  static Node start(NodeConfig config) {
    try {
      return Node.start(config);
    } catch (io.javalin.util.JavalinBindException e) {
      String orEngine = config.engine().map(engine -> " or " + engine.port()).orElse("");
      throw cannotListen(e, config.rpc().server().port(), orEngine);
    }
  }

  /// @param orEngine names the second port that may be the one, empty where there is none
  static Failure cannotListen(io.javalin.util.JavalinBindException e, int port, String orEngine) {
    return new Failure(
        "cannot listen on port "
            + port
            + orEngine
            + ": "
            + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage())
            + "; choose another with --port"
            + (orEngine.isEmpty() ? "" : " or --engine-port"));
  }

  /// Returns when the process is told to end.
  static void awaitStop(Node node) {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException stop) {
      node.stopping();
    }
  }
}
