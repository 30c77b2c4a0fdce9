package io.semper.genesis;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.ForkSchedule;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import java.util.List;

/// Everything that makes a network this network: what its nodes must agree on before the first
/// block.
///
/// @param name as the command line spells it; `private` for one read from a file
/// @param daoForkSupport whether the DAO fork, where scheduled, moves the drained ether (EIP-779);
///   a network without support refuses the fork's extra data instead
/// @param depositContract whose logs are validator deposits (EIP-6110), or `null` for none
/// @param fixedDifficulty the difficulty of every proof-of-work block, or `null` where it adjusts
/// @param zeroBaseFee whether the base fee stays zero (Besu's networks without gas price)
/// @param contractSizeLimit most bytes of code a contract may have (24,576 by EIP-170)
/// @param qbft settings of a network whose consensus is QBFT, or `null`
public record Network(
    String name,
    UInt256 chainId,
    ForkSchedule forks,
    boolean daoForkSupport,
    Address depositContract,
    UInt256 fixedDifficulty,
    boolean zeroBaseFee,
    int contractSizeLimit,
    Qbft qbft,
    Header genesis,
    Allocation allocation) {
  /// EIP-170.
  public static final int CONTRACT_SIZE_LIMIT_BYTES = 24_576;

  static final String PRIVATE = "private";
  static final String DEVELOPMENT = "dev";

  public Hash32 genesisHash() {
    return genesis.hash();
  }

  /// The genesis block: its header and an empty body.
  public Block genesisBlock() {
    return new Block(
        genesis, List.of(), List.of(), genesis.withdrawalsRoot() == null ? null : List.of());
  }

  Network named(String newName) {
    return with(newName, genesis);
  }

  Network startingAt(long timestamp) {
    return with(name, genesis.toBuilder().timestamp(timestamp).build());
  }

  private Network with(String newName, Header newGenesis) {
    return new Network(
        newName,
        chainId,
        forks,
        daoForkSupport,
        depositContract,
        fixedDifficulty,
        zeroBaseFee,
        contractSizeLimit,
        qbft,
        newGenesis,
        allocation);
  }

  /// Whether this is a chain for writing and testing contracts, whose user may do as he likes with
  /// it: send as anybody, change the state between blocks, choose base fees and gas limits.
  public boolean isDevelopment() {
    return name.equals(DEVELOPMENT);
  }

  /// The same network for nodes that have peers, all of whom keep the rules.
  public Network shared() {
    return isDevelopment() ? named(PRIVATE) : this;
  }

  /// Whether this is one of the public networks, whose every proof-of-work block bears a seal.
  public boolean isPublic() {
    return PublicNetwork.byGenesisHash(genesisHash()).isPresent();
  }
}
