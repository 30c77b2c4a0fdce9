package io.semper.chain.block;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.evm.state.Journal;
import io.semper.genesis.Network;
import java.util.List;

/// What proof of work pays: the block's producer and those of its ommers (Yellow Paper, 11.3;
/// EIP-649, EIP-1234); what a QBFT network has set. Nothing since Paris.
final class Rewards {
  private static final long ETHER = 1_000_000_000_000_000_000L;

  private Rewards() {}

  /// @param beneficiary who is paid for the block
  static void pay(
      Network network, Journal state, Header header, Address beneficiary, List<Header> ommers, Fork fork) {
    if (network.qbft() != null) {
      UInt256 set = network.qbft().at(header.number(), 0).blockReward();
      if (!set.isZero()) {
        state.addBalance(beneficiary, set);
      }
      return;
    }
    long reward = blockReward(fork);
    if (reward == 0) {
      return;
    }
    for (Header ommer : ommers) {
      long age = header.number() - ommer.number();
      // (8 - age) / 8 of the reward; dividing first is exact, 8 divides every reward.
      state.addBalance(ommer.beneficiary(), UInt256.of((8 - age) * (reward / 8)));
    }
    state.addBalance(beneficiary, UInt256.of(reward + ommers.size() * (reward / 32)));
  }

  private static long blockReward(Fork fork) {
    if (fork.before(Fork.BYZANTIUM)) return 5 * ETHER;
    if (fork.before(Fork.CONSTANTINOPLE)) return 3 * ETHER;
    if (fork.before(Fork.PARIS)) return 2 * ETHER;
    return 0;
  }
}
