package io.semper.rpc.dev;

import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.rpc.Rpc;
import io.semper.rpc.dev.Development.Forked;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The node about itself, in the forms tools recognise development nodes by.
final class DevNode {
  private final ChainView view;
  private final Development chain;
  private final String clientVersion;

  DevNode(ChainView view, Development chain, String clientVersion) {
    this.view = view;
    this.chain = chain;
    this.clientVersion = clientVersion;
  }

  @Rpc("anvil_nodeInfo")
  Map<String, Object> nodeInfo() {
    Header head = view.head();
    Header next = chain.next();
    UInt256 baseFee = next.baseFeePerGas();
    Map<String, Object> environment = new LinkedHashMap<>();
    environment.put("baseFee", baseFee);
    environment.put("chainId", (double) view.chainId().limb0());
    environment.put("gasLimit", next.gasLimit());
    environment.put("gasPrice", baseFee);
    Map<String, Object> fork = new LinkedHashMap<>();
    Forked forked = chain.forked().orElse(null);
    fork.put("forkUrl", forked == null ? null : forked.url());
    fork.put("forkBlockNumber", forked == null ? null : (Double) (double) forked.block());
    fork.put("forkRetryBackoff", null);
    Map<String, Object> info = new LinkedHashMap<>();
    info.put("currentBlockNumber", head.number());
    info.put("currentBlockTimestamp", (double) head.timestamp());
    info.put("currentBlockHash", head.hash());
    info.put("hardFork", hardFork(next));
    info.put("transactionOrder", "fees");
    info.put("environment", environment);
    info.put("forkConfig", fork);
    return info;
  }

  private String hardFork(Header next) {
    return view.forks().at(next.number(), next.timestamp(), true).name().toLowerCase(Locale.ROOT);
  }

  @Rpc({"anvil_metadata", "hardhat_metadata"})
  Map<String, Object> metadata() {
    Header head = view.head();
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("clientVersion", clientVersion);
    metadata.put("chainId", (double) view.chainId().limb0());
    metadata.put("instanceId", chain.instance());
    metadata.put("latestBlockNumber", (double) head.number());
    metadata.put("latestBlockHash", head.hash());
    chain
        .forked()
        .ifPresent(forked -> {
          Map<String, Object> network = new LinkedHashMap<>();
          network.put("chainId", (double) forked.chainId().limb0());
          network.put("forkBlockNumber", (double) forked.block());
          network.put("forkBlockHash", forked.blockHash());
          metadata.put("forkedNetwork", network);
        });
    Map<String, Object> snapshots = new LinkedHashMap<>();
    chain
        .snapshots()
        .forEach(snapshot ->
            snapshots.put(
                "0x" + Long.toHexString(snapshot.number()),
                Map.of(
                    "blockNumber", (double) snapshot.block(), "blockHash", snapshot.blockHash())));
    metadata.put("snapshots", snapshots);
    return metadata;
  }

  @Rpc({"anvil_setLoggingEnabled", "hardhat_setLoggingEnabled"})
  Object setLoggingEnabled(boolean on) {
    chain.setLogging(on);
    return null;
  }
}
