package io.semper.node.light;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.core.view.UnavailableException;
import io.semper.genesis.Network;
import io.semper.lightclient.Alert;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.Verified;
import io.semper.lightclient.beacon.BeaconFollower;
import io.semper.lightclient.beacon.BeaconSource;
import io.semper.lightclient.upstream.Call;
import io.semper.lightclient.upstream.UpstreamPool;
import io.semper.node.monitor.Health;
import io.semper.node.monitor.Metrics;
import io.semper.node.monitor.MonitorRoutes;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcException;
import io.semper.rpc.RpcServer;
import io.semper.rpc.eth.EthMethods;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NetworkSettings;
import io.semper.rpc.eth.NodeStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A light client behind the methods of a full node, wired top to bottom.
///
/// What cannot be proven is refused, unless the user has named it: then an upstream's word is
/// passed on.
public final class LightNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LightNode.class);

  /// What other nodes' pools and operators know, and nobody can prove.
  private static final Set<String> UNPROVABLE =
      Set.of("txpool", "eth_pendingTransactions", "eth_coinbase", "eth_capabilities");

  /// A head older than this is not fit to answer with, beside the time empty blocks take.
  private static final long STALE_SECONDS = 30;

  /// A block is signed in the slot after its own, and now and then a slot has none.
  private static final long SLOTS_WITHOUT_BLOCK = 4;

  /// Until the first node that serves light clients is found, and between two that are tried.
  private static final long SEARCH_MILLIS = 120_000;

  private static final long NEXT_MILLIS = 3_000;

  /// Nodes found that are asked together before there is an answer.
  private static final int MAX_TRIED = 8;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  private final LightClient client;
  private final RpcServer server;

  private LightNode(LightConfig config) {
    boolean complete = false;
    try {
      Optional<BeaconLink> link = link(config);
      Optional<BeaconSearch> search = search(config, link);
      client = part(client(config, link, search));
      search.ifPresent(each -> each.feed(client));
      Optional<BeaconGossip> gossip =
          link.map(
              each -> part(each.listen(() -> client.beaconStatus().orElseThrow(), client::offer)));
      Network network = config.network();
      EthSettings eth =
          config
              .rpc()
              .eth()
              .withNetwork(
                  new NetworkSettings(
                      Address.ZERO,
                      network.depositContract(),
                      network.zeroBaseFee(),
                      network.contractSizeLimit()));
      EthMethods methods =
          part(
              new EthMethods(
                  client.chain(),
                  client.pool(),
                  new Status(config.clientVersion(), network.chainId(), client.upstreams()),
                  eth,
                  config.rpc().server().limits(),
                  Optional.empty()));
      Provenance provenance = new Provenance(client, gossip);
      List<Object> handlers = new ArrayList<>(methods.handlers());
      handlers.add(provenance);
      Metrics metrics = new Metrics();
      Dispatcher dispatcher =
          new Dispatcher(
              handlers,
              provable(config.rpc().methods()),
              new Believing(client, metrics.rpcCalls()),
              (name, params) -> unverified(config.unverified(), name, params));
      MonitorRoutes monitor = new MonitorRoutes(new Health(checks(config)), metrics);
      server =
          part(
              RpcServer.start(
                  config.rpc().server(),
                  dispatcher,
                  (request, reply) -> {
                    reply.put(Provenance.HEADER, provenance.line());
                    reply.put("Access-Control-Expose-Headers", Provenance.HEADER);
                  },
                  monitor::addTo));
      complete = true;
    } catch (IOException noSockets) {
      throw new UncheckedIOException(noSockets);
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /// Starts a light client whose head is verified. It answers when this returns.
  ///
  /// @throws io.semper.core.view.UnavailableException where nobody proves the checkpoint
  public static LightNode start(LightConfig config) {
    long began = System.nanoTime();
    LightNode node = new LightNode(config);
    Verified<Header> head = node.client.head();
    LOG.info(
        "{}, a light client of network {} (chain id {}), verified head {} {}, {} s old",
        config.clientVersion(),
        config.network().name(),
        config.network().chainId(),
        head.block().number(),
        head.block().hash(),
        head.ageSeconds());
    LOG.info(
        "JSON-RPC at http://{}:{} and ws://{}:{}, started in {} ms",
        config.rpc().server().host(),
        node.port(),
        config.rpc().server().host(),
        node.port(),
        (System.nanoTime() - began) / 1_000_000);
    return node;
  }

  /// The port that answers.
  public int port() {
    return server.port();
  }

  /// Returns when the process is told to end.
  public void awaitStop() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException stop) {
      LOG.info("stopping at block {}", client.chain().head().number());
    }
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }

  private Optional<BeaconLink> link(LightConfig config) throws IOException {
    Optional<LightConfig.Beacon> overLibp2p =
        config
            .beacon()
            .filter(beacon -> !beacon.peers().isEmpty() || !beacon.bootnodes().isEmpty());
    return overLibp2p.isEmpty()
        ? Optional.empty()
        : Optional.of(part(BeaconLink.start(overLibp2p.get().network(), config.clientVersion())));
  }

  private Optional<BeaconSearch> search(LightConfig config, Optional<BeaconLink> link)
      throws IOException {
    if (config.beacon().isEmpty() || config.beacon().get().bootnodes().isEmpty()) {
      return Optional.empty();
    }
    LightConfig.Beacon beacon = config.beacon().get();
    return Optional.of(
        part(
            new BeaconSearch(
                beacon.network(), link.get(), beacon.bootnodes(), System::currentTimeMillis)));
  }

  /// Where nodes are searched for, the first ones found may not serve light clients.
  private static LightClient client(
      LightConfig config, Optional<BeaconLink> link, Optional<BeaconSearch> search) {
    LightConfig.Beacon named = config.beacon().orElse(null);
    if (search.isEmpty() || !named.sources().isEmpty() || !named.peers().isEmpty()) {
      return client(config, link, List.of());
    }
    List<BeaconSource> found = new ArrayList<>();
    String problem = "discv5 has found no node of the beacon chain";
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SEARCH_MILLIS);
    while (System.nanoTime() < end) {
      try {
        BeaconSource next = search.get().next(NEXT_MILLIS);
        if (next != null) {
          found.add(next);
        }
        if (!found.isEmpty()) {
          return client(config, link, found);
        }
      } catch (UnavailableException nobody) {
        problem = nobody.getMessage();
        if (found.size() == MAX_TRIED) {
          found.removeFirst();
        }
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        throw new UnavailableException("interrupted");
      }
    }
    throw new UnavailableException(problem);
  }

  private static LightClient client(
      LightConfig config, Optional<BeaconLink> link, List<BeaconSource> found) {
    LightClient.Builder builder =
        LightClient.builder(config.network())
            .trustingSeconds(config.trustingSeconds())
            .limits(config.limits())
            .onAlert(LightNode::log);
    config.checkpoint().ifPresent(builder::checkpoint);
    config.store().ifPresent(builder::store);
    config.upstreams().forEach(builder::upstream);
    config
        .beacon()
        .ifPresent(beacon -> {
          builder.beacon(beacon.network());
          beacon.sources().forEach(builder::consensus);
          link.ifPresent(own -> beacon.peers().forEach(peer -> builder.consensus(own.peer(peer))));
          found.forEach(builder::consensus);
        });
    return builder.build();
  }

  private static void log(Alert alert) {
    switch (alert) {
      case Alert.Lied lie ->
          LOG.warn(
              "{} lied and is not asked any more: {}",
              lie.evidence().upstream(),
              lie.evidence().problem());
      case Alert.Diverged fork ->
          LOG.error(
              "two blocks {} are sealed, {} and {} from {}: nothing is believed any more",
              fork.ours().number(),
              fork.ours().hash(),
              fork.theirs().hash(),
              fork.upstream());
      case Alert.Expired expired -> LOG.error("a newer checkpoint is needed: {}", expired.reason());
      case Alert.Failed failed -> LOG.error("the light client failed", failed.cause());
    }
  }

  private static MethodPolicy provable(MethodPolicy asked) {
    Set<String> deny = new HashSet<>(asked.deny());
    deny.addAll(UNPROVABLE);
    return new MethodPolicy(asked.allow(), deny);
  }

  private Object unverified(Set<String> allowed, String name, JsonNode params) {
    if (!allowed.contains(name)) {
      throw new RpcException(
          RpcException.METHOD_NOT_FOUND,
          "the method "
              + name
              + " does not exist/is not available: a light client cannot verify it"
              + " (--allow-unverified passes it on)");
    }
    ArrayNode arguments =
        params instanceof ArrayNode array ? array : JsonNodeFactory.instance.arrayNode();
    return client
        .upstreams()
        .ask(List.of(new Call(name, arguments)), replies -> replies.get(0).result())
        .value();
  }

  private List<Health.Check> checks(LightConfig config) {
    long blockMillis =
        config
            .beacon()
            .map(beacon -> SLOTS_WITHOUT_BLOCK * beacon.network().slotMillis())
            .orElseGet(() -> config.network().qbft().initial().emptyPeriodMillis());
    long fresh = blockMillis / 1000 + STALE_SECONDS;
    return List.of(
        new Health.Check(
            "head",
            "stalled",
            () -> {
              long age = client.head().ageSeconds();
              return age > fresh
                  ? Optional.of("the newest verified block is " + age + " s old")
                  : Optional.empty();
            }),
        new Health.Check(
            "upstreams",
            "waiting",
            () ->
                good(client.upstreams()) == 0
                    ? Optional.of("no upstream answers as it should")
                    : Optional.empty()),
        new Health.Check(
            "consensus",
            "failed",
            () ->
                config.beacon().isPresent()
                        && client.consensus().stream().allMatch(BeaconFollower.Status::banned)
                    ? Optional.of("every source of the beacon chain has been caught lying")
                    : Optional.empty()));
  }

  private static int good(UpstreamPool upstreams) {
    return (int)
        upstreams.status().stream().filter(each -> each.state() == UpstreamPool.State.GOOD).count();
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        LOG.warn("a part did not close", e);
      }
    }
  }

  /// Refuses all questions once nothing is believed any more, also those whose answers are still at
  /// hand.
  private record Believing(LightClient client, Dispatcher.Observer calls)
      implements Dispatcher.Observer {
    private static final Set<String> ALWAYS =
        Set.of("semper_provenance", "web3_clientVersion", "rpc_modules", "rpc.discover");

    @Override
    public void calling(String method) {
      if (!ALWAYS.contains(method)) {
        client
            .frozen()
            .ifPresent(why -> {
              throw new UnavailableException(why);
            });
      }
    }

    @Override
    public void called(String method, long nanos, boolean failed) {
      calls.called(method, nanos, failed);
    }
  }

  private record Status(String clientVersion, UInt256 networkId, UpstreamPool upstreams)
      implements NodeStatus {
    @Override
    public boolean listening() {
      return false;
    }

    /// The nodes that are asked.
    @Override
    public int peerCount() {
      return good(upstreams);
    }

    @Override
    public Optional<SyncProgress> syncing() {
      return Optional.empty();
    }
  }
}
