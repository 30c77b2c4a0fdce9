package io.semper.node.cli;

import io.semper.core.bytes.Hash32;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.view.UnavailableException;
import io.semper.genesis.Network;
import io.semper.lightclient.beacon.ConsensusNetwork;
import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.node.Version;
import io.semper.node.light.BeaconSearch;
import io.semper.node.light.LightConfig;
import io.semper.node.light.LightNode;
import io.semper.p2p.discovery.NodeRecord;
import io.semper.p2p.identity.Multiaddr;
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
      "Serve a network's JSON-RPC without its chain: headers are verified here, by the seals of",
      "QBFT's validators or the sync committees of Ethereum's beacon chain; everything else is",
      "proven against them, whichever nodes it comes from."
    })
final class LightCommand implements Callable<Integer> {
  private static final String STORE = "light-client";

  @Mixin private NetworkOptions networks;
  @Mixin private RpcOptions rpc;
  @Mixin private LogOptions log;

  @Option(
      names = "--checkpoint",
      paramLabel = "HASH",
      description =
          "Hash of a block known to be the network's (default: its genesis block); with --consensus"
              + " the root of a final block of the beacon chain, of the last two weeks.")
  private String checkpoint;

  @Option(
      names = "--consensus",
      paramLabel = "URL|MULTIADDR|RECORD|discv5",
      split = ",",
      description =
          "Beacon nodes to ask for what Ethereum's sync committees sign, none of which is trusted:"
              + " over REST (http://...) or over libp2p (/ip4/.../tcp/.../p2p/...). A node's record"
              + " (enr:...) is asked for others by discv5; the word discv5 stands for the records"
              + " of a public network's bootnodes.")
  private List<String> consensus = new ArrayList<>();

  @Option(
      names = "--consensus-config",
      paramLabel = "FILE",
      description =
          "The beacon chain of a network that is not public: config.yaml, with GENESIS_TIME and"
              + " GENESIS_VALIDATORS_ROOT.")
  private Path consensusConfig;

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      required = true,
      split = ",",
      description = "Full nodes to ask, none of which is trusted.")
  private List<String> upstreams = new ArrayList<>();

  @Option(
      names = "--upstream-max-reply-bytes",
      paramLabel = "N",
      description =
          "Most bytes of an upstream's replies in work at once, and of one reply (default:"
              + " 33554432). An upstream can make this node take eight times as much heap; what"
              + " needs longer replies cannot be proven.")
  private int maxReplyBytes = UpstreamLimits.DEFAULT.replyBytes();

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
    LightConfig config = config();
    if (dataDir != null) {
      Files.createDirectories(dataDir);
    }
    try (LightNode node = start(config)) {
      node.awaitStop();
    }
    return 0;
  }

  /// What the options ask for.
  LightConfig config() throws IOException {
    Network network = networks.named().network();
    Optional<LightConfig.Beacon> beacon = beacon(network);
    if (trustingDays < 1) {
      throw new Failure("--trusting-days: not a number of days: " + trustingDays);
    }
    RpcOptions.requireAtLeast(
        UpstreamLimits.LEAST_REPLY_BYTES, "--upstream-max-reply-bytes", maxReplyBytes);
    return new LightConfig(
        network,
        Optional.ofNullable(checkpoint).map(LightCommand::hash),
        upstreams.stream().map(each -> url("--upstream", each)).toList(),
        UpstreamLimits.DEFAULT.withReplyBytes(maxReplyBytes),
        Optional.ofNullable(dataDir).map(dir -> dir.resolve(STORE)),
        Set.copyOf(unverified),
        TimeUnit.DAYS.toSeconds(trustingDays),
        beacon,
        rpc.settings("Semper " + Version.number()),
        Version.client());
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

  /// The beacon chain of a network whose blocks bear no seals.
  private Optional<LightConfig.Beacon> beacon(Network network) throws IOException {
    if (network.qbft() != null) {
      if (!consensus.isEmpty() || consensusConfig != null) {
        throw new Failure("network " + network.name() + " has validators, no beacon chain");
      }
      return Optional.empty();
    }
    if (consensus.isEmpty()) {
      throw new Failure(
          "network "
              + network.name()
              + " has no validators that seal its blocks: say whom to ask for what its sync"
              + " committees sign, --consensus URL");
    }
    List<URI> sources = new ArrayList<>();
    List<Multiaddr> peers = new ArrayList<>();
    List<NodeRecord> bootnodes = new ArrayList<>();
    for (String each : consensus) {
      if (each.startsWith("/")) {
        peers.add(peer(each));
      } else if (each.startsWith("enr:")) {
        bootnodes.add(record(each));
      } else if (each.equals("discv5")) {
        bootnodes.addAll(publicBootnodes(network));
      } else {
        sources.add(url("--consensus", each));
      }
    }
    return Optional.of(
        new LightConfig.Beacon(consensusNetwork(network), sources, peers, bootnodes));
  }

  private static NodeRecord record(String text) {
    try {
      return NodeRecord.parse(text);
    } catch (MalformedInputException none) {
      throw new Failure("--consensus: " + none.getMessage() + ": " + text);
    }
  }

  private static List<NodeRecord> publicBootnodes(Network network) {
    List<NodeRecord> known = BeaconSearch.publicBootnodes(network.name());
    if (known.isEmpty()) {
      throw new Failure(
          "no bootnodes of the beacon chain of network "
              + network.name()
              + " are known: --consensus enr:...");
    }
    return known;
  }

  private static Multiaddr peer(String text) {
    try {
      Multiaddr address = Multiaddr.parse(text);
      if (address.peerId().isPresent()) {
        return address;
      }
    } catch (MalformedInputException none) {
      // Told below.
    }
    throw new Failure("--consensus: not the address of a peer with its id: " + text);
  }

  private ConsensusNetwork consensusNetwork(Network network) throws IOException {
    if (consensusConfig == null) {
      return ConsensusNetwork.byName(network.name())
          .orElseThrow(() ->
              new Failure(
                  "the beacon chain of network "
                      + network.name()
                      + " is not known: --consensus-config FILE"));
    }
    try {
      return ConsensusNetwork.read(Files.readAllBytes(consensusConfig));
    } catch (IllegalArgumentException wrong) {
      throw new Failure(consensusConfig + ": " + wrong.getMessage());
    }
  }

  private static Hash32 hash(String text) {
    try {
      return Hash32.of(text);
    } catch (IllegalArgumentException none) {
      throw new Failure("--checkpoint: not the hash of a block: " + text);
    }
  }

  private static URI url(String option, String text) {
    try {
      URI url = URI.create(text);
      if (url.getHost() != null && List.of("http", "https").contains(url.getScheme())) {
        return url;
      }
    } catch (IllegalArgumentException none) {
      // Told below.
    }
    throw new Failure(option + ": not the address of a node over HTTP: " + text);
  }
}
