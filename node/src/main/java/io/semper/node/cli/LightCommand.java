package io.semper.node.cli;

import io.semper.core.bytes.Hash32;
import io.semper.core.view.UnavailableException;
import io.semper.genesis.Network;
import io.semper.node.Version;
import io.semper.node.light.LightConfig;
import io.semper.node.light.LightNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `semper light`: JSON-RPC whose every answer is proven, whichever nodes it comes from.
@Command(
    name = "light",
    description = {
      "Serve a QBFT network's JSON-RPC without its chain: headers are verified here,",
      "everything else is proven against them, whichever nodes it comes from."
    })
final class LightCommand implements Callable<Integer> {
  private static final String STORE = "light-client";

  @Mixin private NetworkOptions networks;
  @Mixin private RpcOptions rpc;
  @Mixin private LogOptions log;

  @Option(
      names = "--checkpoint",
      paramLabel = "HASH",
      description = "Hash of a block known to be the network's (default: its genesis block).")
  private String checkpoint;

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      required = true,
      split = ",",
      description = "Full nodes to ask, none of which is trusted.")
  private List<String> upstreams = new ArrayList<>();

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Where to keep what was verified (default: nowhere).")
  private Path dataDir;

  @Option(
      names = "--allow-unverified",
      paramLabel = "METHOD",
      split = ",",
      description = "Pass these methods on to an upstream, whose answers nobody checks.")
  private List<String> unverified = new ArrayList<>();

  @Option(
      names = "--trusting-days",
      paramLabel = "N",
      defaultValue = "14",
      description = "For how long validators are trusted to guard their keys (default: 14).")
  private int trustingDays;

  @Override
  public Integer call() throws IOException {
    log.apply();
    Network network = networks.named().network();
    if (network.qbft() == null) {
      throw new Failure("network " + network.name() + " has no validators to verify");
    }
    if (trustingDays < 1) {
      throw new Failure("--trusting-days: not a number of days: " + trustingDays);
    }
    if (dataDir != null) {
      Files.createDirectories(dataDir);
    }
    LightConfig config =
        new LightConfig(
            network,
            Optional.ofNullable(checkpoint).map(LightCommand::hash),
            upstreams.stream().map(LightCommand::url).toList(),
            Optional.ofNullable(dataDir).map(dir -> dir.resolve(STORE)),
            Set.copyOf(unverified),
            TimeUnit.DAYS.toSeconds(trustingDays),
            rpc.settings("Semper " + Version.number()),
            Version.client());
    try (LightNode node = start(config)) {
      node.awaitStop();
    }
    return 0;
  }

  private static LightNode start(LightConfig config) {
    try {
      return LightNode.start(config);
    } catch (io.javalin.util.JavalinBindException e) {
      throw NodeCommand.cannotListen(e, config.rpc().server().port(), "");
    } catch (UnavailableException nobody) {
      throw new Failure(nobody.getMessage());
    }
  }

  private static Hash32 hash(String text) {
    try {
      return Hash32.of(text);
    } catch (IllegalArgumentException none) {
      throw new Failure("--checkpoint: not the hash of a block: " + text);
    }
  }

  private static URI url(String text) {
    try {
      URI url = URI.create(text);
      if (url.getHost() != null && List.of("http", "https").contains(url.getScheme())) {
        return url;
      }
    } catch (IllegalArgumentException none) {
      // Told below.
    }
    throw new Failure("--upstream: not the address of a node over HTTP: " + text);
  }
}
