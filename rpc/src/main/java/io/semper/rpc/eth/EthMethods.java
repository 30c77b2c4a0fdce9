package io.semper.rpc.eth;

import io.semper.core.view.ChainView;
import io.semper.core.view.PoolView;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.simulate.Branches;
import io.semper.rpc.simulate.Simulator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All handlers of this package over one chain, and the threads behind their subscriptions.
public final class EthMethods implements AutoCloseable {
  private final List<Object> handlers = new ArrayList<>();
  private final Blocks blocks;
  private final Calls calls;
  private final HeadFeed heads;
  private final EthFilters filters;
  private final EthSubscriptions subscriptions;

  /// The same without a ledger.
  public EthMethods(
      ChainView chain,
      PoolView pool,
      NodeStatus node,
      EthSettings settings,
      RpcLimits limits,
      Optional<AccountSigner> signer) {
    this(chain, pool, node, settings, limits, signer, Optional.empty());
  }

  /// @param signer keys to sign with, empty on all but development nodes: the methods that sign are
  ///   then not served
  /// @param branches where simulated blocks grow, empty on nodes without a ledger: they do not
  ///   serve `eth_simulateV1`
  public EthMethods(
      ChainView chain,
      PoolView pool,
      NodeStatus node,
      EthSettings settings,
      RpcLimits limits,
      Optional<AccountSigner> signer,
      Optional<Branches> branches) {
    Fees fees = new Fees(chain.forks(), settings.network().zeroBaseFee());
    blocks = new Blocks(chain, pool, fees);
    GasOracle oracle = new GasOracle(chain, blocks, settings);
    calls = new Calls(chain, blocks, settings, fees);
    LogSearch search = new LogSearch(chain, blocks, settings);
    heads = new HeadFeed(chain);
    filters = new EthFilters(chain, pool, search, settings, EthMethods::monotonicMillis);
    subscriptions =
        new EthSubscriptions(pool, blocks, search, node, heads, limits.maxSubscriptions());
    handlers.add(new EthState(chain, pool, blocks));
    handlers.add(new EthBlocks(chain, blocks));
    handlers.add(new EthTransactions(chain, pool, blocks, heads, settings));
    handlers.add(new EthFees(chain, blocks, oracle, fees));
    handlers.add(new EthCalls(calls));
    handlers.add(new EthNode(chain, node, settings));
    handlers.add(new EthAccounts(signer.map(AccountSigner::accounts).orElse(List.of())));
    handlers.add(filters);
    handlers.add(subscriptions);
    handlers.add(new NetMethods(node));
    handlers.add(new TxPoolMethods(pool));
    handlers.add(new DebugRaw(chain, pool, blocks));
    branches.ifPresent(
        trees -> handlers.add(new EthSimulate(blocks, trees, simulator(chain, settings))));
    TransactionDefaults defaults = new TransactionDefaults(chain, pool, calls, oracle, fees);
    handlers.add(new EthFill(defaults));
    Submitter submitter = new Submitter(pool, settings);
    signer.ifPresent(keys -> handlers.add(new EthSigning(keys, defaults, submitter)));
  }

  private static Simulator simulator(ChainView chain, EthSettings settings) {
    return new Simulator(
        chain,
        new Simulator.Limits(
            settings.network().zeroBaseFee(),
            settings.network().maxCodeBytes(),
            settings.callGasCap(),
            settings.callTimeoutMillis()));
  }

  private static long monotonicMillis() {
    return System.nanoTime() / 1_000_000;
  }

  /// For a [io.semper.rpc.Dispatcher].
  public List<Object> handlers() {
    return List.copyOf(handlers);
  }

  /// What resolves block references and keeps recent blocks, for handlers elsewhere.
  public Blocks blocks() {
    return blocks;
  }

  /// What makes calls ready, for handlers elsewhere.
  public Calls calls() {
    return calls;
  }

  @Override
  public void close() {
    heads.close();
    filters.close();
    subscriptions.close();
  }
}
