package io.semper.rpc.eth;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import io.semper.rpc.Rpc;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

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

  @Rpc(value = "eth_chainId", prompt = true)
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
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("head", Map.of("number", head.number(), "hash", head.hash()));
    out.put("state", kept(chain.oldestState(), chain.stateWindow()));
    boolean proves = chain.oldestProof() <= head.number();
    out.put(
        "stateproofs",
        proves ? kept(chain.oldestProof(), chain.stateWindow()) : Map.of("disabled", true));
    for (String kind : new String[] {"tx", "logs", "receipts", "blocks"}) {
      out.put(kind, kept(0, OptionalLong.empty()));
    }
    return out;
  }

  /// @param window how many of the newest blocks are kept, empty for all
  private static Map<String, Object> kept(long oldest, OptionalLong window) {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("disabled", false);
    out.put("oldestBlock", oldest);
    window.ifPresent(
        blocks -> out.put("deleteStrategy", Map.of("type", "window", "retentionBlocks", blocks)));
    return out;
  }
}
