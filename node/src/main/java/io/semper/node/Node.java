package io.semper.node;

import io.javalin.Javalin;
import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.LevelDbStore;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.db.WriteBehind;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.ImportResult;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Seals;
import io.semper.chain.pool.PoolLimits;
import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.chain.producer.Choices;
import io.semper.chain.producer.LocalProducer;
import io.semper.chain.producer.Mempool;
import io.semper.chain.qbft.Event;
import io.semper.chain.qbft.QbftEngine;
import io.semper.chain.qbft.Validators;
import io.semper.chain.qbft.VoteLog;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Secp256k1;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.PooledTransaction;
import io.semper.genesis.Network;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NodeConfig;
import io.semper.node.config.RpcSettings;
import io.semper.node.config.ValidatorSettings;
import io.semper.node.dev.DevControl;
import io.semper.node.dev.Impersonation;
import io.semper.node.dev.LedgerChain;
import io.semper.node.engine.EngineServer;
import io.semper.node.engine.TestingBuilds;
import io.semper.node.monitor.FreeSpace;
import io.semper.node.monitor.Health;
import io.semper.node.monitor.Metrics;
import io.semper.node.monitor.MonitorRoutes;
import io.semper.node.qbft.ConsensusTopic;
import io.semper.node.qbft.LocalKey;
import io.semper.node.qbft.QbftCommands;
import io.semper.node.qbft.QbftMethods;
import io.semper.node.qbft.QbftStatus;
import io.semper.node.qbft.StallWatch;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.Gate;
import io.semper.rpc.RpcServer;
import io.semper.rpc.dev.DevMethods;
import io.semper.rpc.engine.TestingMethods;
import io.semper.rpc.eth.AccountSigner;
import io.semper.rpc.eth.EthMethods;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NetworkSettings;
import io.semper.rpc.eth.NodeStatus;
import io.semper.rpc.trace.TraceMethods;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A full node, wired top to bottom: store, ledger, importer, pool, peers, consensus, methods,
/// producer, server. Each part is given what stands above it; stopping goes from the bottom up, so
/// that nobody outlives what he uses.
public final class Node implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  /// Of the pending block that a node without a producer answers with.
  private static final long FOLLOWER_GAS_LIMIT = 60_000_000;

  /// Blocks a node may lag and still be fit to answer.
  private static final long NEAR_HEAD = 8;

  /// A part that takes longer to stop is named.
  private static final long LONG_STOP_MILLIS = 1_000;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final Ledger ledger;
  private final RpcServer server;
  private final Optional<EngineServer> engineServer;
  private volatile boolean stopping;

  private Node(NodeConfig config) {
    boolean complete = false;
    try {
      KeyValueStore store =
          part(
              config
                  .directory()
                  .map(DataDirectory::chain)
                  .<KeyValueStore>map(folder -> new WriteBehind(LevelDbStore.open(folder)))
                  .orElseGet(MemoryStore::new));
      ledger =
          Ledger.open(store, config.network(), Seals.of(config.network()), config.historyBlocks());
      BlockImporter importer = part(new BlockImporter(ledger));

      Clock clock = Clock.systemUTC();
      LocalProducer.Settings production = production(config);
      Choices choices = new Choices(production, clock);
      BlockBuilder builder =
          new BlockBuilder(config.network(), ledger.headerRules(), ledger, ledger::rootAfter);
      TxPool transactions = part(pool(config, ledger, builder, clock));
      importer.lookUpSenders(
          hash -> transactions.transaction(hash).map(PooledTransaction::transaction));
      Mempool pool = new Mempool(transactions, builder, ledger, choices::attributes);

      RpcSettings rpc = config.rpc();
      EthSettings eth = ethSettings(config, production.beneficiary());
      Optional<Impersonation> impersonation =
          config.development().map(dev -> new Impersonation(dev.accounts()));
      Optional<PeerNetwork> network =
          config
              .peers()
              .map(peers ->
                  part(PeerNetwork.start(peers, config.clientVersion(), importer, pool, clock)));
      // The others wait for a validator; who asks this one can wait for it.
      Optional<QbftEngine> validator =
          config
              .validator()
              .map(settings ->
                  part(
                      validator(
                          settings,
                          network.orElseThrow(),
                          importer,
                          transactions,
                          builder,
                          clock)));
      Optional<LocalProducer> local =
          config
              .development()
              .map(dev -> {
                finalise(importer, ledger.head());
                return part(
                    new LocalProducer(
                        ledger,
                        transactions,
                        builder,
                        choices,
                        built -> importOwn(importer, built, network),
                        clock));
              });
      Mempool asked = local.map(pool::settledBy).orElse(pool);
      NodeStatus status = status(config, network);
      EthMethods methods =
          part(
              new EthMethods(
                  ledger,
                  asked,
                  status,
                  eth,
                  rpc.server().limits(),
                  impersonation.map(AccountSigner.class::cast),
                  Optional.of(new LedgerBranches(ledger))));
      List<Object> handlers = new ArrayList<>(methods.handlers());
      handlers.addAll(
          new TraceMethods(ledger, methods, new LedgerReplay(ledger), rpc.traces()).handlers());
      if (TestingMethods.allowedBy(rpc.methods())) {
        TestingBuilds builds = new TestingBuilds(builder, transactions, production.gasLimit());
        handlers.add(new TestingMethods(ledger, builds));
      }
      Metrics metrics = metrics(store, transactions);
      List<Health.Check> checks = checks(config, importer, metrics);
      network.ifPresent(peers ->
          metrics.gauge(
              "semper_peers", "Peers of this network.", () -> (double) peers.peerCount()));
      if (local.isPresent()) {
        LocalProducer producer = local.get();
        checks.add(new Health.Check("seal", "failed", producer::problem));
        if (network.isEmpty()) {
          // Other nodes would refuse what was not made by transactions.
          handlers.addAll(
              new DevMethods(
                      ledger,
                      new DevControl(
                          producer,
                          ledger,
                          new LedgerChain(importer),
                          transactions,
                          choices,
                          impersonation.get(),
                          DevControl.newInstance(),
                          () -> asked.pendingBlock().block().header()),
                      config.clientVersion())
                  .handlers());
        }
      } else {
        network.ifPresent(peers -> checks.addAll(peerChecks(config, peers)));
      }
      if (config.network().qbft() != null) {
        addConsensus(config, clock, validator, handlers, checks, metrics);
      }
      Dispatcher.Observer observer = observer(config, metrics);
      Dispatcher dispatcher = Dispatcher.ofLocalChain(handlers, rpc.methods(), observer, asked);

      engineServer =
          config
              .engine()
              .map(engine ->
                  part(
                      EngineServer.start(
                          engine,
                          importer,
                          transactions,
                          builder,
                          methods.handlers(),
                          observer,
                          clock)));
      engineServer.ifPresent(e -> checks.add(new Health.Check("consensus", "waiting", e::problem)));

      MonitorRoutes monitor = new MonitorRoutes(new Health(checks), metrics);
      if (config.metricsPort().isPresent()) {
        Javalin own = monitor.serve(rpc.server().host(), config.metricsPort().getAsInt());
        part(own::stop);
        server = part(RpcServer.start(rpc.server(), dispatcher));
      } else {
        server = part(RpcServer.start(rpc.server(), dispatcher, Gate.OPEN, monitor::addTo));
      }
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /// Starts a node. It answers when this returns.
  ///
  /// @throws io.semper.chain.db.StorageException where its data directory cannot be used
  public static Node start(NodeConfig config) {
    long began = System.nanoTime();
    Node node = new Node(config);
    Header head = node.ledger.head();
    LOG.info(
        "{} on network {} (chain id {}), head {} {}, state from block {} on",
        config.clientVersion(),
        config.network().name(),
        config.network().chainId(),
        head.number(),
        head.hash(),
        node.ledger.oldestState());
    LOG.info(
        "JSON-RPC at http://{}:{} and ws://{}:{}, started in {} ms",
        config.rpc().server().host(),
        node.port(),
        config.rpc().server().host(),
        node.port(),
        Duration.ofNanos(System.nanoTime() - began).toMillis());
    config
        .engine()
        .ifPresent(engine ->
            LOG.info(
                "Engine API at http://{}:{}, its secret in {}",
                engine.host(),
                node.enginePort().orElseThrow(),
                engine.secretFile()));
    // The library is unpacked by who needs it first; that need not be the first transaction.
    Thread.ofVirtual()
        .start(() -> LOG.debug("signatures in {}", Secp256k1.isNative() ? "C" : "plain Java"));
    return node;
  }

  /// The port that answers.
  public int port() {
    return server.port();
  }

  /// The port for a consensus client; empty where the Engine API is off.
  public OptionalInt enginePort() {
    return engineServer.map(each -> OptionalInt.of(each.port())).orElseGet(OptionalInt::empty);
  }

  public Ledger ledger() {
    return ledger;
  }

  /// From now on the node is not ready: who sends it requests should look for another.
  public void stopping() {
    stopping = true;
    LOG.info("stopping at block {}", ledger.head().number());
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }

  private static LocalProducer.Settings production(NodeConfig config) {
    return config
        .development()
        .map(dev ->
            new LocalProducer.Settings(Address.ZERO, dev.gasLimit(), dev.blockSeconds() * 1000L))
        .orElseGet(() -> new LocalProducer.Settings(Address.ZERO, FOLLOWER_GAS_LIMIT, 0));
  }

  private static TxPool pool(NodeConfig config, Ledger ledger, BlockBuilder builder, Clock clock) {
    return new TxPool(
        config.network(),
        ledger,
        head -> builder.fork(head, head.timestamp() + 1),
        poolLimits(config),
        new KzgBlobProofs(),
        config.directory().map(DataDirectory::pool).orElse(null),
        clock);
  }

  private static NetworkSettings networkSettings(Network network, Address beneficiary) {
    return new NetworkSettings(
        beneficiary, network.depositContract(), network.zeroBaseFee(), network.contractSizeLimit());
  }

  /// On a development chain nothing is too cheap, nor where the network has no base fee.
  private static PoolLimits poolLimits(NodeConfig config) {
    if (config.development().isPresent()) {
      return PoolLimits.DEFAULT.forDevelopment();
    }
    return config.network().zeroBaseFee()
        ? PoolLimits.DEFAULT.withMinimumTip(UInt256.ZERO)
        : PoolLimits.DEFAULT;
  }

  /// Suggests what the network's validators take.
  private static EthSettings ethSettings(NodeConfig config, Address beneficiary) {
    Network network = config.network();
    EthSettings settings = config.rpc().eth().withNetwork(networkSettings(network, beneficiary));
    boolean priced = network.qbft() != null && !network.qbft().minimumGasPrice().isZero();
    if (priced) {
      return settings.withDefaultTip(network.qbft().minimumGasPrice());
    }
    return network.zeroBaseFee() ? settings.withDefaultTip(UInt256.ZERO) : settings;
  }

  /// A block of our own that is refused is a bug, not bad input.
  private static void importOwn(
      BlockImporter importer, BlockBuilder.Built built, Optional<PeerNetwork> network)
      throws InterruptedException {
    Block block = built.block();
    ImportResult result = importer.importBuilt(block, built.receipts(), built.diff());
    // One that was left before and is made again is known.
    if (!(result instanceof ImportResult.Imported || result instanceof ImportResult.AlreadyKnown)) {
      throw new IllegalStateException("own block refused: " + result);
    }
    if (network.isPresent()) {
      network.get().announce(block);
    }
  }

  /// Without a consensus that could change its mind, the head is final.
  private static void finalise(BlockImporter importer, Header head) {
    try {
      importer.setForkchoice(head.hash(), head.hash(), head.hash());
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private static Dispatcher.Observer observer(NodeConfig config, Metrics metrics) {
    Dispatcher.Observer counts = metrics.rpcCalls();
    if (config.development().isEmpty()) {
      return counts;
    }
    return (method, nanos, failed) -> {
      counts.called(method, nanos, failed);
      LOG.info(failed ? "{} failed" : "{}", method);
    };
  }

  private static NodeStatus status(NodeConfig config, Optional<PeerNetwork> network) {
    NodeStatus alone = NodeStatus.alone(config.clientVersion(), config.network().chainId());
    return network.<NodeStatus>map(peers -> new NetworkedStatus(alone, peers)).orElse(alone);
  }

  /// What a node of a QBFT network serves and watches, with a validator's key or without.
  private void addConsensus(
      NodeConfig config,
      Clock clock,
      Optional<QbftEngine> validator,
      List<Object> handlers,
      List<Health.Check> checks,
      Metrics metrics) {
    Validators validators = new Validators(config.network(), ledger);
    handlers.add(new QbftMethods(config.network(), ledger, validators));
    if (validator.isEmpty()) {
      StallWatch watch = part(new StallWatch(ledger, validators, clock, System::nanoTime));
      handlers.add(watch);
      // Without peers it serves what it has.
      if (config.peers().isPresent()) {
        checks.add(new Health.Check("consensus", "stalled", watch::problem));
      }
      return;
    }
    QbftEngine engine = validator.get();
    QbftStatus status = new QbftStatus(engine);
    handlers.add(status);
    status.addTo(metrics);
    if (QbftCommands.allowedBy(config.rpc().methods(), config.rpc().server().host())) {
      handlers.add(new QbftCommands(engine));
    } else {
      LOG.warn(
          "votes and qbft_takeOver are not served at {}: name qbft in --rpc-allow for them",
          config.rpc().server().host());
    }
    checks.add(new Health.Check("consensus", "stalled", engine::problem));
    checks.add(new Health.Check("consensus", "starting", engine::starting));
  }

  /// A node that only follows is of use while it can. A validator may be alone; where others would
  /// be needed, it tells that consensus stands still.
  private static List<Health.Check> peerChecks(NodeConfig config, PeerNetwork network) {
    List<Health.Check> checks = new ArrayList<>();
    if (config.validator().isEmpty()) {
      checks.add(
          new Health.Check(
              "peers",
              "alone",
              () ->
                  network.peerCount() == 0
                      ? Optional.of("no peer is connected")
                      : Optional.empty()));
    }
    checks.add(
        new Health.Check(
            "sync",
            "syncing",
            () ->
                network
                    .syncing()
                    .filter(progress -> progress.highest() - progress.current() > NEAR_HEAD)
                    .map(progress -> "block " + progress.current() + " of " + progress.highest())));
    return checks;
  }

  /// Has this node agree with the other validators, and tell the network of the blocks it proposed.
  private QbftEngine validator(
      ValidatorSettings settings,
      PeerNetwork network,
      BlockImporter importer,
      TxPool transactions,
      BlockBuilder builder,
      Clock clock) {
    ConsensusTopic topic = network.consensus();
    LocalKey key = new LocalKey(settings.key());
    VoteLog votes = part(VoteLog.open(settings.voteLog(), Secp256k1::recover));
    QbftEngine engine =
        QbftEngine.start(
            new QbftEngine.Parts(
                ledger.network(),
                ledger,
                importer,
                transactions,
                builder,
                key,
                votes,
                topic,
                clock,
                settings.gasLimit(),
                settings.standby()
                    ? Optional.of(new Event.StandBy(settings.takeOverMillis()))
                    : Optional.empty()));
    topic.join(engine);
    ledger.onHead(change -> {
      for (Header added : change.added()) {
        if (added.beneficiary().equals(key.address())) {
          ledger.block(added.hash()).ifPresent(network::offer);
        }
      }
    });
    return engine;
  }

  private List<Health.Check> checks(NodeConfig config, BlockImporter importer, Metrics metrics) {
    List<Health.Check> checks = new ArrayList<>();
    checks.add(
        new Health.Check(
            "stop",
            "stopping",
            () -> stopping ? Optional.of("the node is stopping") : Optional.empty()));
    checks.add(new Health.Check("import", "failed", importer::problem));
    config
        .directory()
        .map(directory -> FreeSpace.of(directory.path()))
        .ifPresent(disk -> {
          checks.add(new Health.Check("storage", "full", disk::problem));
          metrics.gauge(
              "semper_disk_free_bytes", "Left for the database to grow.", () -> disk.bytes());
        });
    return checks;
  }

  private Metrics metrics(KeyValueStore store, TxPool transactions) {
    Metrics metrics = new Metrics();
    metrics.gauge(
        "semper_head_block_number",
        "Number of the newest block.",
        () -> (double) ledger.head().number());
    metrics.gauge(
        "semper_head_timestamp_seconds",
        "Its time, seconds since 1970.",
        () -> (double) ledger.head().timestamp());
    metrics.gauge(
        "semper_oldest_state_block_number",
        "Lowest block whose state can be read.",
        () -> (double) ledger.oldestState());
    metrics.gauge(
        "semper_database_bytes",
        "What the database takes on disk.",
        () -> (double) store.approximateBytes());
    metrics.gauge(
        "semper_pool_transactions",
        "Transactions in the pool.",
        () -> (double) transactions.size());
    metrics.gauge(
        "semper_rpc_websockets", "Open WebSocket connections.", () -> server.openWebSockets());
    return metrics;
  }

  /// Stops in reverse order: no new requests, then nothing more to import, then the store.
  @Override
  public void close() {
    // Who was interrupted to stop still waits for each part to end.
    boolean interrupted = Thread.interrupted();
    RuntimeException first = null;
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      long began = System.nanoTime();
      try {
        part.close();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      } catch (Exception e) {
        first = first == null ? new IllegalStateException(e) : first;
      }
      long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
      if (millis > LONG_STOP_MILLIS) {
        LOG.warn("{} took {} ms to stop", part.getClass().getSimpleName(), millis);
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (first != null) {
      throw first;
    }
    if (stopping) {
      LOG.info("stopped");
    }
  }
}
