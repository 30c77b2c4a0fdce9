package io.semper.rpc.eth;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.rpc.Rpc;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What the node is, and how far it can be asked.
final class EthNode {
  private final ChainView chain;
  private final NodeStatus node;
  private final EthSettings settings;
  private final ForkConfig forkConfig;

  EthNode(ChainView chain, NodeStatus node, EthSettings settings) {
    this.chain = chain;
    this.node = node;
    this.settings = settings;
    forkConfig = new ForkConfig(chain, settings.network().depositContract());
  }

  @Rpc("eth_chainId")
  UInt256 chainId() {
    return chain.chainId();
  }

  @Rpc("eth_coinbase")
  Address coinbase() {
    return settings.network().coinbase();
  }

  /// `false`, or how far synchronisation is.
  @Rpc("eth_syncing")
  Object syncing() {
    return progress(node.syncing());
  }

  static Object progress(Optional<NodeStatus.SyncProgress> syncing) {
    if (syncing.isEmpty()) {
      return false;
    }
    NodeStatus.SyncProgress progress = syncing.get();
    Map<String, Long> fields = new LinkedHashMap<>();
    fields.put("startingBlock", progress.starting());
    fields.put("currentBlock", progress.current());
    fields.put("highestBlock", progress.highest());
    return fields;
  }

  /// EIP-7910.
  @Rpc("eth_config")
  Map<String, Object> config() {
    return forkConfig.describe();
  }

  /// From which block on what can be asked, for routers.
  @Rpc("eth_capabilities")
  Map<String, Object> capabilities() {
    Header head = chain.head();
    Map<String, Object> all = Map.of("disabled", false, "oldestBlock", 0L);
    Map<String, Object> state = Map.of("disabled", false, "oldestBlock", chain.oldestState());
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("head", Map.of("number", head.number(), "hash", head.hash()));
    out.put("state", state);
    out.put("stateproofs", state);
    for (String kind : new String[] {"tx", "logs", "receipts", "blocks"}) {
      out.put(kind, all);
    }
    return out;
  }
}
