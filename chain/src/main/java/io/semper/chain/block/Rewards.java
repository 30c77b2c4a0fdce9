package io.semper.chain.block;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.core.types.Header;
import io.semper.evm.state.Journal;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.List;

/// What proof of work pays: the block's producer and those of its ommers (Yellow Paper, 11.3;
/// EIP-649, EIP-1234); what a QBFT network has set. Nothing since Paris.
public final class Rewards {
  private static final long ETHER = 1_000_000_000_000_000_000L;

  private Rewards() {}

  /// @param ommer whether it is for an ommer, not for the block itself
  public record Reward(Address to, UInt256 wei, boolean ommer) {}

  static void pay(Network network, Journal state, Header header, List<Header> ommers, Fork fork) {
    for (Reward reward : of(network, header, ommers, fork)) {
      state.addBalance(reward.to, reward.wei);
    }
  }

  /// Who is paid for a block: its producer, unless a QBFT network has named somebody.
  static Address beneficiary(Network network, Header header) {
    return network.qbft() == null
        ? header.beneficiary()
        : network.qbft().beneficiary(header.number(), header.beneficiary());
  }

  /// The block's own reward first, then those of its ommers in their order.
  public static List<Reward> of(Network network, Header header, List<Header> ommers, Fork fork) {
    if (network.qbft() != null) {
      UInt256 set = network.qbft().at(header.number(), 0).blockReward();
      return set.isZero()
          ? List.of()
          : List.of(new Reward(beneficiary(network, header), set, false));
    }
    long reward = blockReward(fork);
    List<Reward> all = new ArrayList<>();
    if (reward == 0) {
      return all;
    }
    UInt256 own = UInt256.of(reward + ommers.size() * (reward / 32));
    all.add(new Reward(header.beneficiary(), own, false));
    for (Header ommer : ommers) {
      long age = header.number() - ommer.number();
      // (8 - age) / 8 of the reward; dividing first is exact, 8 divides every reward.
      all.add(new Reward(ommer.beneficiary(), UInt256.of((8 - age) * (reward / 8)), true));
    }
    return all;
  }

  private static long blockReward(Fork fork) {
    if (fork.before(Fork.BYZANTIUM)) return 5 * ETHER;
    if (fork.before(Fork.CONSTANTINOPLE)) return 3 * ETHER;
    if (fork.before(Fork.PARIS)) return 2 * ETHER;
    return 0;
  }
}
