package io.semper.genesis;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.util.List;
import java.util.TreeMap;

/// The development chain: proof of stake and every fork from its genesis block on.
///
/// Its state holds the accounts asked for and the contracts Ethereum's own blocks call: deposits,
/// beacon roots, block hash history, withdrawal and consolidation requests.
public final class DevNetwork {
  public static final UInt256 CHAIN_ID = UInt256.of(31_337);

  private DevNetwork() {}

  /// A network of its own.
  ///
  /// @param balance wei of each account
  /// @param timestamp seconds since 1970 of the genesis block; nodes that share a chain share it
  public static Network create(List<Address> accounts, UInt256 balance, long timestamp) {
    Allocation allocation = allocation(accounts, balance);
    Hash32 root = StateRoot.of(allocation);
    Network network =
        Genesis.read(Network.DEVELOPMENT, PublicNetwork.resource("dev.json"), allocation, root);
    return network.startingAt(timestamp);
  }

  /// The genesis file of such a network, for other nodes to join it.
  public static byte[] file(List<Address> accounts, UInt256 balance, long timestamp) {
    return GenesisFile.write(
        PublicNetwork.resource("dev.json"), allocation(accounts, balance), timestamp);
  }

  private static Allocation allocation(List<Address> accounts, UInt256 balance) {
    TreeMap<Address, GenesisAccount> state =
        new TreeMap<>(PublicNetwork.allocationResource("dev.alloc").accounts());
    for (Address account : accounts) {
      state.put(account, GenesisAccount.holding(balance));
    }
    return new Allocation(state);
  }
}
