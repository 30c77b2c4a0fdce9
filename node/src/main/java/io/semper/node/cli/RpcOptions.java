package io.semper.node.cli;

import io.semper.core.bytes.UInt256;
import io.semper.node.config.RpcSettings;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.trace.TraceLimits;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/// Where to serve JSON-RPC, to whom, and how much of it. Refusals name these options.
final class RpcOptions {
  private static final RpcLimits LIMITS = RpcLimits.DEFAULT;
  private static final EthSettings ETH = EthSettings.DEFAULT;
  private static final TraceLimits TRACES = TraceLimits.DEFAULT;
  private static final int WEI_DIGITS = 18;
  private static final int MAX_PORT = 65_535;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address to listen on; 0.0.0.0 for all.")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8545",
      description = "TCP port for HTTP and WebSocket, 0 for any free one.")
  private int port;

  @Option(
      names = "--rpc-cors-origins",
      paramLabel = "ORIGIN",
      split = ",",
      description = "Web origins whose pages may call (https://app.example), * for all.")
  private List<String> corsOrigins = new ArrayList<>();

  @Option(
      names = "--rpc-allowed-hosts",
      paramLabel = "NAME",
      split = ",",
      description = "Host names under which callers may address this node, * for all.")
  private List<String> allowedHosts = new ArrayList<>();

  @Option(
      names = "--rpc-allow",
      paramLabel = "METHOD",
      split = ",",
      description = "Serve only these methods or namespaces (eth_call, net).")
  private List<String> allow = new ArrayList<>();

  @Option(
      names = "--rpc-deny",
      paramLabel = "METHOD",
      split = ",",
      description = "Do not serve these methods or namespaces.")
  private List<String> deny = new ArrayList<>();

  @Option(names = "--rpc-max-body-bytes", paramLabel = "N", description = "Largest request body.")
  private int maxBodyBytes = LIMITS.maxBodyBytes();

  @Option(names = "--rpc-max-batch", paramLabel = "N", description = "Most requests in a batch.")
  private int maxBatch = LIMITS.maxBatch();

  @Option(
      names = "--rpc-max-batch-response-bytes",
      paramLabel = "N",
      description = "Largest answer to a batch.")
  private int maxBatchResponseBytes = LIMITS.maxBatchResponseBytes();

  @Option(
      names = "--rpc-max-response-bytes",
      paramLabel = "N",
      description = "Largest answer to a request.")
  private int maxResponseBytes = LIMITS.maxResponseBytes();

  @Option(
      names = "--rpc-timeout-seconds",
      paramLabel = "N",
      description = "Time for a request or a batch.")
  private int timeoutSeconds = (int) (LIMITS.timeoutMillis() / 1000);

  @Option(
      names = "--rpc-max-concurrent",
      paramLabel = "N",
      description = "Most requests in work at once.")
  private int maxConcurrent = LIMITS.maxConcurrent();

  @Option(names = "--rpc-max-connections", paramLabel = "N", description = "Most open connections.")
  private int maxConnections = LIMITS.maxConnections();

  @Option(names = "--rpc-max-websockets", paramLabel = "N", description = "Most open WebSockets.")
  private int maxWebSockets = LIMITS.maxWebSockets();

  @Option(
      names = "--rpc-max-subscriptions-per-connection",
      paramLabel = "N",
      description = "Most subscriptions of one WebSocket.")
  private int maxSubscriptionsPerConnection = LIMITS.maxSubscriptionsPerConnection();

  @Option(
      names = "--rpc-max-subscriptions",
      paramLabel = "N",
      description = "Most subscriptions in all.")
  private int maxSubscriptions = LIMITS.maxSubscriptions();

  @Option(names = "--rpc-max-filters", paramLabel = "N", description = "Most installed filters.")
  private int maxFilters = ETH.maxFilters();

  @Option(
      names = "--rpc-max-log-blocks",
      paramLabel = "N",
      description = "Most blocks one log query may span.")
  private int maxLogBlocks = ETH.maxLogBlocks();

  @Option(
      names = "--rpc-max-logs",
      paramLabel = "N",
      description = "Most logs one query may return.")
  private int maxLogs = ETH.maxLogs();

  @Option(
      names = "--rpc-gas-cap",
      paramLabel = "GAS",
      description = "Most gas eth_call and the like may use.")
  private long callGasCap = ETH.callGasCap();

  @Option(
      names = "--rpc-trace-timeout-seconds",
      paramLabel = "N",
      description = "Time for tracing one transaction, where the caller names none.")
  private int traceTimeoutSeconds = (int) (TRACES.transactionMillis() / 1000);

  @Option(
      names = "--rpc-max-trace-bytes",
      paramLabel = "N",
      description = "Most bytes of calls, accounts and slots kept while a request is traced.")
  private long maxTraceBytes = TRACES.maxKeptBytes();

  @Option(
      names = "--rpc-max-trace-blocks",
      paramLabel = "N",
      description = "Most blocks one request may trace or search by tracing.")
  private int maxTraceBlocks = TRACES.maxBlocks();

  @Option(
      names = "--rpc-max-concurrent-traces",
      paramLabel = "N",
      description = "Most requests traced at once; others wait.")
  private int maxConcurrentTraces = TRACES.maxConcurrent();

  @Option(
      names = "--rpc-call-timeout-seconds",
      paramLabel = "N",
      description = "Most time they may use.")
  private int callTimeoutSeconds = (int) (ETH.callTimeoutMillis() / 1000);

  @Option(
      names = "--rpc-max-fee",
      paramLabel = "ETHER",
      description =
          "Refuse transactions whose whole fee could be higher; 0 for any (default: 1, of a"
              + " development chain 0).")
  private BigDecimal maxFeeEther;

  @Option(
      names = "--rpc-allow-unprotected",
      description = "Take transactions that are valid on every chain (before EIP-155).")
  private boolean allowUnprotected;

  RpcSettings settings(String banner) {
    return settings(Set.copyOf(corsOrigins), ETH.maxFee(), banner);
  }

  /// For a development chain: pages from anywhere may call, since the keys are public anyway, and
  /// no fee is too high, since the money is nobody's.
  RpcSettings forDevelopment(String banner) {
    Set<String> origins = corsOrigins.isEmpty() ? Set.of("*") : Set.copyOf(corsOrigins);
    return settings(origins, UInt256.ZERO, banner);
  }

  /// @param maxFee where the option is not given; zero for none
  private RpcSettings settings(Set<String> origins, UInt256 maxFee, String banner) {
    requirePort("--port", port);
    requireLimits();
    Set<String> hosts =
        allowedHosts.stream().map(h -> h.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    RpcLimits limits =
        new RpcLimits(
            maxBodyBytes,
            maxBatch,
            maxBatchResponseBytes,
            maxResponseBytes,
            timeoutSeconds * 1000L,
            maxConcurrent,
            maxConnections,
            maxWebSockets,
            LIMITS.maxPerWebSocket(),
            maxSubscriptionsPerConnection,
            maxSubscriptions,
            LIMITS.maxQueuedMessages(),
            LIMITS.maxQueuedBytes(),
            LIMITS.writeTimeoutMillis(),
            LIMITS.pingMillis(),
            LIMITS.idleMillis());
    EthSettings eth =
        new EthSettings(
            callGasCap,
            callTimeoutSeconds * 1000L,
            maxLogBlocks,
            maxLogs,
            maxFilters,
            ETH.filterExpiryMillis(),
            ETH.defaultTip(),
            ETH.ignoreTipBelow(),
            ETH.maxTip(),
            maxFeeEther == null ? maxFee : wei(maxFeeEther),
            allowUnprotected,
            ETH.sendSyncMillis(),
            ETH.maxSendSyncMillis(),
            ETH.network());
    return new RpcSettings(
        new RpcConfig(host, port, origins, hosts, true, banner, limits),
        new MethodPolicy(Set.copyOf(allow), Set.copyOf(deny)),
        eth,
        new TraceLimits(
            traceTimeoutSeconds * 1000L,
            maxTraceBytes,
            TRACES.maxStreamedBytes(),
            maxTraceBlocks,
            maxConcurrentTraces,
            TRACES.maxChainTraces()));
  }

  /// What is counted may be none, what is measured not: nothing could be asked.
  private void requireLimits() {
    requireAtLeast(1, "--rpc-max-body-bytes", maxBodyBytes);
    requireAtLeast(1, "--rpc-max-batch", maxBatch);
    requireAtLeast(1, "--rpc-max-batch-response-bytes", maxBatchResponseBytes);
    requireAtLeast(1, "--rpc-max-response-bytes", maxResponseBytes);
    requireAtLeast(1, "--rpc-timeout-seconds", timeoutSeconds);
    requireAtLeast(1, "--rpc-max-concurrent", maxConcurrent);
    requireAtLeast(1, "--rpc-max-connections", maxConnections);
    requireAtLeast(0, "--rpc-max-websockets", maxWebSockets);
    requireAtLeast(0, "--rpc-max-subscriptions-per-connection", maxSubscriptionsPerConnection);
    requireAtLeast(0, "--rpc-max-subscriptions", maxSubscriptions);
    requireAtLeast(0, "--rpc-max-filters", maxFilters);
    requireAtLeast(1, "--rpc-max-log-blocks", maxLogBlocks);
    requireAtLeast(1, "--rpc-max-logs", maxLogs);
    requireAtLeast(1, "--rpc-gas-cap", callGasCap);
    requireAtLeast(1, "--rpc-trace-timeout-seconds", traceTimeoutSeconds);
    requireAtLeast(1, "--rpc-max-trace-bytes", maxTraceBytes);
    requireAtLeast(1, "--rpc-max-trace-blocks", maxTraceBlocks);
    requireAtLeast(1, "--rpc-max-concurrent-traces", maxConcurrentTraces);
    requireAtLeast(1, "--rpc-call-timeout-seconds", callTimeoutSeconds);
  }

  static void requireAtLeast(long least, String option, long number) {
    if (number < least) {
      throw new Failure(option + ": " + number + " is less than " + least);
    }
  }

  static void requirePort(String option, int port) {
    if (port < 0 || port > MAX_PORT) {
      throw new Failure(option + ": not a TCP port: " + port);
    }
  }

  private static UInt256 wei(BigDecimal ether) {
    BigInteger wei = ether.scaleByPowerOfTen(WEI_DIGITS).toBigInteger();
    if (wei.signum() < 0 || wei.bitLength() > 256) {
      throw new Failure("--rpc-max-fee: not an amount of ether: " + ether);
    }
    return UInt256.of(wei);
  }
}
