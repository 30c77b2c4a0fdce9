package io.semper.node.cli;

import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.ChecksumAddress;
import io.semper.genesis.DevNetwork;
import io.semper.genesis.Network;
import io.semper.node.Node;
import io.semper.node.Version;
import io.semper.node.account.DevAccounts;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkChoice;
import io.semper.node.config.NodeConfig;
import io.semper.node.fork.ForkedNode;
import io.semper.rpc.RpcException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `semper dev`: a chain of one's own with funded accounts, for writing and testing contracts.
@Command(
    name = "dev",
    description = "Run a development chain with funded accounts; blocks are sealed at once.")
final class DevCommand implements Callable<Integer> {
  /// Test tools look for a development node by this name before they use its conveniences.
  private static final String KNOWN_NAME = "anvil/v1.0.0-compatible ";

  @Mixin private RpcOptions rpc;
  @Mixin private PeerOptions peers;
  @Mixin private CompileOptions compile;
  @Mixin private LogOptions log;
  @Spec private CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      description = "Keep the chain here (default: in memory, forgotten at the end).")
  private Path dataDir;

  @Option(
      names = "--block-time",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description = "Seal a block every so often instead of one per transaction.")
  private int blockSeconds;

  @Option(
      names = "--accounts",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many accounts hold ether (default: 10).")
  private int accounts;

  @Option(
      names = "--timestamp",
      paramLabel = "SECONDS",
      description =
          "Time of a new chain's first block, seconds since 1970 (default: now). The same calls"
              + " on the same time make the same chain.")
  private Long timestamp;

  @Option(
      names = "--fork-url",
      paramLabel = "URL",
      description =
          "Continue the chain of the node that answers JSON-RPC here. Its state is read when it is"
              + " asked for; nothing is kept on disk.")
  private String forkUrl;

  @Option(
      names = "--fork-block-number",
      paramLabel = "N",
      description = "The last block taken over from there (default: its newest).")
  private Long forkBlock;

  @Option(
      names = "--gas-limit",
      paramLabel = "GAS",
      description = "Gas limit of blocks (default: that of the first block, 60000000).")
  private Long gasLimit;

  @Option(
      names = "--own-name",
      description =
          "Answer web3_clientVersion with Semper's name alone; tools that look for a"
              + " development node by name will not see one.")
  private boolean ownName;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description = "Serve /metrics and /health here instead of on --port.")
  private Integer metricsPort;

  @Override
  public Integer call() throws IOException {
    log.apply();
    compile.apply();
    if (accounts < 1 || accounts > DevAccounts.MAX) {
      throw new Failure("--accounts: 1 to " + DevAccounts.MAX + " are possible");
    }
    if (timestamp != null && timestamp < 0) {
      throw new Failure("--timestamp: not seconds since 1970: " + timestamp);
    }
    if (blockSeconds < 0) {
      throw new Failure("--block-time: not a number of seconds: " + blockSeconds);
    }
    if (gasLimit != null) {
      RpcOptions.requireAtLeast(EngineOptions.LEAST_GAS_LIMIT, "--gas-limit", gasLimit);
    }
    if (metricsPort != null) {
      RpcOptions.requirePort("--metrics-port", metricsPort);
    }
    if (forkUrl != null || forkBlock != null) {
      return runForked();
    }
    Optional<DataDirectory> directory = Optional.ofNullable(dataDir).map(DataDirectory::new);
    NetworkChoice.Development chain = chain(directory);
    DevAccounts keys = DevAccounts.first(chain.accounts());
    Network network = chain.network();
    long limit = gasLimit == null ? network.genesis().gasLimit() : gasLimit;
    NodeConfig config =
        new NodeConfig(
            network,
            directory,
            Long.MAX_VALUE,
            rpc.forDevelopment("Semper " + Version.number()),
            ownName ? Version.client() : KNOWN_NAME + Version.client(),
            metricsPort == null ? OptionalInt.empty() : OptionalInt.of(metricsPort),
            Optional.of(new NodeConfig.Development(blockSeconds, limit, keys)),
            Optional.empty(),
            peers.settings(directory, chain, List.of()),
            Optional.empty());
    printAccounts(keys, DevNetwork.CHAIN_ID);
    if (directory.isPresent()) {
      // Before the first answer: a receipt served by a chain that cannot be opened again is lost.
      directory.get().remember(chain);
    }
    try (Node node = NodeCommand.start(config)) {
      PrintWriter out = spec.commandLine().getOut();
      out.println("Listening on " + config.rpc().server().host() + ":" + node.port());
      out.flush();
      NodeCommand.awaitStop(node);
    }
    return 0;
  }

  private int runForked() {
    if (forkUrl == null) {
      throw new Failure("--fork-block-number needs --fork-url");
    }
    if (dataDir != null || timestamp != null || metricsPort != null) {
      throw new Failure(
          "--fork-url goes with neither --data-dir, --timestamp nor --metrics-port: a forked chain"
              + " is kept in memory and begins with the other's block");
    }
    if (forkBlock != null && forkBlock < 0) {
      throw new Failure("--fork-block-number: not a block number: " + forkBlock);
    }
    DevAccounts keys = DevAccounts.first(accounts);
    ForkedNode.Settings settings =
        new ForkedNode.Settings(
            forkUrl,
            forkBlock,
            blockSeconds,
            gasLimit,
            keys,
            NetworkChoice.TEN_THOUSAND_ETHER,
            rpc.forDevelopment("Semper " + Version.number()),
            ownName ? Version.client() : KNOWN_NAME + Version.client());
    try (ForkedNode node = ForkedNode.start(settings)) {
      printAccounts(keys, node.chainId());
      PrintWriter out = spec.commandLine().getOut();
      out.println("Listening on " + settings.rpc().server().host() + ":" + node.port());
      out.flush();
      new CountDownLatch(1).await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (RpcException unreachable) {
      throw new Failure("--fork-url: " + unreachable.getMessage());
    } catch (io.javalin.util.JavalinBindException e) {
      throw NodeCommand.cannotListen(e, settings.rpc().server().port(), "");
    }
    return 0;
  }

  /// The chain a directory holds, or a new one that begins now.
  private NetworkChoice.Development chain(Optional<DataDirectory> directory) throws IOException {
    Optional<NetworkChoice> known =
        directory.isPresent() ? directory.get().remembered() : Optional.empty();
    if (known.isEmpty()) {
      long begin = timestamp == null ? Instant.now().getEpochSecond() : timestamp;
      return new NetworkChoice.Development(begin, accounts);
    }
    if (known.get() instanceof NetworkChoice.Development development) {
      return development;
    }
    throw new Failure(directory.get() + " holds another chain, not a development chain");
  }

  private void printAccounts(DevAccounts keys, UInt256 chainId) {
    PrintWriter out = spec.commandLine().getOut();
    List<DevAccounts.DevAccount> all = keys.all();
    out.println("Semper " + Version.number() + ", development chain");
    heading(out, "Available Accounts");
    for (int i = 0; i < all.size(); i++) {
      out.printf("(%d) %s (10000 ETH)%n", i, ChecksumAddress.format(all.get(i).address()));
    }
    heading(out, "Private Keys");
    for (int i = 0; i < all.size(); i++) {
      out.printf("(%d) %s%n", i, Hex.encode(all.get(i).key()));
    }
    heading(out, "Wallet");
    out.println("Mnemonic:          " + DevAccounts.MNEMONIC);
    out.println("Derivation path:   " + DevAccounts.DERIVATION_PATH);
    heading(out, "Chain ID");
    out.println(chainId);
    out.println();
    out.flush();
  }

  private static void heading(PrintWriter out, String title) {
    out.println();
    out.println(title);
    out.println("=".repeat(title.length()));
  }
}
