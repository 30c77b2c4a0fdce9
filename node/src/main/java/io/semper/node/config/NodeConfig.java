package io.semper.node.config;

import io.semper.genesis.Network;
import io.semper.node.account.DevAccounts;
import java.util.Optional;
import java.util.OptionalInt;

/// What a node is made of.
///
/// @param directory where the chain is kept; empty to keep it in memory only
/// @param historyBlocks how many blocks below the head stay readable with their state
/// @param clientVersion what the node calls itself
/// @param metricsPort where to serve metrics and health; empty for the JSON-RPC port
/// @param development how to seal blocks of one's own; empty for nodes that only follow
/// @param engine where a consensus client drives this node; empty for nowhere
/// @param peers how to meet other nodes; empty for a node that keeps to itself
/// @param validator what makes it a validator of a QBFT network, which needs peers
public record NodeConfig(
    Network network,
    Optional<DataDirectory> directory,
    long historyBlocks,
    RpcSettings rpc,
    String clientVersion,
    OptionalInt metricsPort,
    Optional<Development> development,
    Optional<EngineSettings> engine,
    Optional<PeerSettings> peers,
    Optional<ValidatorSettings> validator) {
  /// With peers, a development chain keeps the rules that they do.
  public NodeConfig {
    network = peers.isPresent() ? network.shared() : network;
  }

  /// @param blockSeconds interval of blocks; 0 to seal each transaction at once
  /// @param gasLimit of every block
  /// @param accounts what the node signs for
  public record Development(int blockSeconds, long gasLimit, DevAccounts accounts) {}
}
