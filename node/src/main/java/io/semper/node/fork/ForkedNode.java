package io.semper.node.fork;

import io.semper.chain.block.HeaderRules;
import io.semper.chain.block.SealRule;
import io.semper.chain.pool.PoolLimits;
import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.chain.producer.Choices;
import io.semper.chain.producer.LocalProducer;
import io.semper.chain.producer.Mempool;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.genesis.DevNetwork;
import io.semper.genesis.Network;
import io.semper.node.KzgBlobProofs;
import io.semper.node.account.DevAccounts;
import io.semper.node.config.RpcSettings;
import io.semper.node.dev.DevControl;
import io.semper.node.dev.Impersonation;
import io.semper.node.monitor.Health;
import io.semper.node.monitor.Metrics;
import io.semper.node.monitor.MonitorRoutes;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.Gate;
import io.semper.rpc.RpcServer;
import io.semper.rpc.dev.DevMethods;
import io.semper.rpc.eth.EthMethods;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NetworkSettings;
import io.semper.rpc.eth.NodeStatus;
import io.semper.rpc.trace.TraceMethods;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A development node on another node's chain, wired top to bottom. It keeps nothing on disk.
public final class ForkedNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ForkedNode.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final RpcServer server;
  private final UInt256 chainId;

  /// @param url of the node whose chain is continued
  /// @param block number of the last block taken over, `null` for its newest
  /// @param blockSeconds interval of blocks; 0 to seal each transaction at once
  /// @param gasLimit of every block, `null` for that of the last block taken over
  /// @param balance wei each of the accounts is given
  public record Settings(
      String url,
      Long block,
      int blockSeconds,
      Long gasLimit,
      DevAccounts accounts,
      UInt256 balance,
      RpcSettings rpc,
      String clientVersion) {}

  /// Starts a node. It answers when this returns.
  ///
  /// @throws io.semper.rpc.RpcException where the other node cannot be asked or understood
  public static ForkedNode start(Settings settings) {
    return new ForkedNode(settings);
  }

  private ForkedNode(Settings settings) {
    boolean complete = false;
    try {
      RemoteNode remote = part(new RemoteNode(settings.url()));
      chainId = ForkedChain.chainId(remote);
      Network network = network(settings, chainId);
      List<Address> accounts = settings.accounts().accounts();
      ForkedChain chain =
          new ForkedChain(network, remote, settings.block(), accounts, settings.balance());
      Clock clock = Clock.systemUTC();
      long gas = settings.gasLimit() == null ? chain.head().gasLimit() : settings.gasLimit();
      Choices choices =
          new Choices(
              new LocalProducer.Settings(Address.ZERO, gas, settings.blockSeconds() * 1000L),
              clock);
      BlockBuilder builder =
          new BlockBuilder(
              network, new HeaderRules(network, SealRule.NONE), chain, ForkedChain::root);
      TxPool transactions =
          part(
              new TxPool(
                  network,
                  chain,
                  head -> builder.fork(head, head.timestamp() + 1),
                  PoolLimits.DEFAULT.forDevelopment(),
                  new KzgBlobProofs(),
                  null,
                  clock));
      LocalProducer producer =
          part(new LocalProducer(chain, transactions, builder, choices, chain::add, clock));
      Mempool pool =
          new Mempool(transactions, builder, chain, choices::attributes).settledBy(producer);

      RpcSettings rpc = settings.rpc();
      EthSettings eth =
          rpc.eth()
              .withNetwork(
                  new NetworkSettings(
                      Address.ZERO, network.depositContract(), false, network.contractSizeLimit()));
      Impersonation impersonation = new Impersonation(settings.accounts());
      NodeStatus status = NodeStatus.alone(settings.clientVersion(), network.chainId());
      EthMethods methods =
          part(
              new EthMethods(
                  chain,
                  pool,
                  status,
                  eth,
                  rpc.server().limits(),
                  Optional.of(impersonation),
                  Optional.of(new ForkedBranches(chain, network))));
      DevControl control =
          new DevControl(
              producer,
              chain,
              chain,
              transactions,
              choices,
              impersonation,
              DevControl.newInstance(),
              () -> pool.pendingBlock().block().header());
      List<Object> handlers = new ArrayList<>(methods.handlers());
      handlers.addAll(
          new TraceMethods(chain, methods, new ForkedReplay(chain, network), rpc.traces())
              .handlers());
      handlers.addAll(new DevMethods(chain, control, settings.clientVersion()).handlers());
      Metrics metrics = new Metrics();
      Dispatcher.Observer counts = metrics.rpcCalls();
      Dispatcher dispatcher =
          new Dispatcher(
              handlers,
              rpc.methods(),
              (method, nanos, failed) -> {
                counts.called(method, nanos, failed);
                LOG.info(failed ? "{} failed" : "{}", method);
              },
              pool);
      Health health = new Health(List.of(new Health.Check("seal", "failed", producer::problem)));
      MonitorRoutes monitor = new MonitorRoutes(health, metrics);
      server = part(RpcServer.start(rpc.server(), dispatcher, Gate.OPEN, monitor::addTo));
      complete = true;
      LOG.info(
          "forked chain {} at block {} of {}",
          network.chainId(),
          chain.head().number(),
          remote.address());
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /// The rules of the development chain under the other chain's id.
  private static Network network(Settings settings, UInt256 chainId) {
    Network dev = DevNetwork.create(settings.accounts().accounts(), settings.balance(), 0);
    return new Network(
        dev.name(),
        chainId,
        dev.forks(),
        dev.daoForkSupport(),
        dev.depositContract(),
        dev.fixedDifficulty(),
        dev.zeroBaseFee(),
        dev.contractSizeLimit(),
        dev.qbft(),
        dev.genesis(),
        dev.allocation());
  }

  /// Of the chain that is continued.
  public UInt256 chainId() {
    return chainId;
  }

  /// The port that answers.
  public int port() {
    return server.port();
  }

  private <T extends AutoCloseable> T part(T part) {
    parts.push(part);
    return part;
  }

  /// Stops in reverse order.
  @Override
  public void close() {
    RuntimeException first = null;
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      } catch (Exception e) {
        first = first == null ? new IllegalStateException(e) : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
