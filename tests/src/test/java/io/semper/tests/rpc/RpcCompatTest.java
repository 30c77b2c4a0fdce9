package io.semper.tests.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.block.SealRule;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.file.BlockFile;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.FileImport;
import io.semper.chain.importer.Ledger;
import io.semper.chain.pool.PoolLimits;
import io.semper.chain.pool.TxPool;
import io.semper.chain.producer.BlockBuilder;
import io.semper.chain.producer.Choices;
import io.semper.chain.producer.LocalProducer;
import io.semper.chain.producer.Mempool;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.view.PoolView;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import io.semper.node.LedgerBranches;
import io.semper.node.LedgerReplay;
import io.semper.node.engine.TestingBuilds;
import io.semper.rpc.Dispatcher;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.RpcServer;
import io.semper.rpc.compat.RpcCompat;
import io.semper.rpc.compat.RpcCompat.Outcome;
import io.semper.rpc.engine.TestingMethods;
import io.semper.rpc.eth.EthMethods;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NetworkSettings;
import io.semper.rpc.eth.NodeStatus;
import io.semper.rpc.trace.TraceLimits;
import io.semper.rpc.trace.TraceMethods;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Conversations recorded by ethereum/execution-apis, over the chain they were recorded on. Another
/// folder of the same form (`genesis.json`, `chain.rlp`, `.io` files) can be named by the system
/// property `semper.rpccompat`.
final class RpcCompatTest {
  /// Of the blocks that the recording node built.
  private static final long BUILT_GAS_LIMIT = 60_000_000;

  @Test
  void everyRecordedReplyIsOurs() throws IOException, InterruptedException {
    String named = System.getProperty("semper.rpccompat");
    Path folder = named == null ? Fixtures.path("rpc-compat") : Path.of(named);
    Network network = Genesis.read(Files.readAllBytes(folder.resolve("genesis.json")));
    Ledger ledger = Ledger.open(new MemoryStore(), network, SealRule.NONE);
    try (BlockImporter importer = new BlockImporter(ledger)) {
      importChain(folder.resolve("chain.rlp"), importer);
      BlockBuilder builder = builder(network, ledger);
      TxPool transactions = transactions(network, ledger, builder);
      PoolView pool = pool(ledger, builder, transactions);
      EthSettings settings =
          EthSettings.DEFAULT.withNetwork(
              new NetworkSettings(
                  Address.ZERO,
                  network.depositContract(),
                  network.zeroBaseFee(),
                  network.contractSizeLimit()));
      NodeStatus status = NodeStatus.alone("Semper/test", network.chainId());
      try (EthMethods methods =
              new EthMethods(
                  ledger,
                  pool,
                  status,
                  settings,
                  RpcLimits.DEFAULT,
                  Optional.empty(),
                  Optional.of(new LedgerBranches(ledger)));
          RpcServer server =
              RpcServer.start(
                  RpcConfig.local(0),
                  new Dispatcher(
                      handlers(
                          ledger,
                          methods,
                          new TestingBuilds(builder, transactions, BUILT_GAS_LIMIT)),
                      MethodPolicy.ALL))) {
        replay(folder, URI.create("http://127.0.0.1:" + server.port() + "/"));
      }
    }
  }

  static List<Object> handlers(Ledger ledger, EthMethods methods, TestingBuilds builds) {
    List<Object> handlers = new ArrayList<>(methods.handlers());
    handlers.addAll(
        new TraceMethods(ledger, methods, new LedgerReplay(ledger), TraceLimits.DEFAULT)
            .handlers());
    handlers.add(new TestingMethods(ledger, builds));
    return handlers;
  }

  static void importChain(Path file, BlockImporter importer)
      throws IOException, InterruptedException {
    try (BlockFile blocks = BlockFile.open(file)) {
      FileImport.Report report = FileImport.run(blocks, importer, (result, position) -> {});
      assertThat(report.refusal()).isEmpty();
    }
    Hash32 head = importer.ledger().head().hash();
    assertThat(importer.setForkchoice(head, head, head))
        .isInstanceOf(Ledger.ForkchoiceResult.Updated.class);
  }

  static BlockBuilder builder(Network network, Ledger ledger) {
    return new BlockBuilder(network, ledger.headerRules(), ledger, ledger::rootAfter);
  }

  static TxPool transactions(Network network, Ledger ledger, BlockBuilder builder) {
    return new TxPool(
        network,
        ledger,
        head -> builder.fork(head, head.timestamp() + 1),
        PoolLimits.DEFAULT,
        // The recorded blob transaction is checked by the pool's own tests; blobs are not the
        // subject here.
        sidecar -> true,
        null,
        Clock.systemUTC());
  }

  static PoolView pool(Ledger ledger, BlockBuilder builder, TxPool transactions) {
    return new Mempool(
        transactions,
        builder,
        ledger,
        head ->
            new Choices(
                    new LocalProducer.Settings(Address.ZERO, head.gasLimit(), 0), Clock.systemUTC())
                .attributes(head));
  }

  private static void replay(Path folder, URI server) {
    List<Outcome> outcomes = new RpcCompat(server).run(folder, file -> true);
    Stream<Outcome> failed = outcomes.stream().filter(outcome -> !outcome.passed());
    assertThat(outcomes).isNotEmpty();
    assertThat(failed.map(outcome -> outcome.file() + ": " + outcome.problem())).isEmpty();
  }
}
