package io.semper.node.config;

import io.semper.core.bytes.UInt256;
import io.semper.genesis.DevNetwork;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import io.semper.genesis.PublicNetwork;
import io.semper.node.account.DevAccounts;
import java.util.Optional;

/// How a network is named so that a data directory can remember it.
public sealed interface NetworkChoice {
  /// Loads it.
  ///
  /// @throws io.semper.genesis.MalformedGenesisException where the file describes none
  Network network();

  /// The genesis file by which others can join; empty where the network's name does.
  Optional<byte[]> genesisFile();

  record Public(PublicNetwork known) implements NetworkChoice {
    @Override
    public Network network() {
      return known.network();
    }

    @Override
    public Optional<byte[]> genesisFile() {
      return Optional.empty();
    }
  }

  /// @param json a genesis file
  record OfFile(byte[] json) implements NetworkChoice {
    @Override
    public Network network() {
      return Genesis.read(json);
    }

    @Override
    public Optional<byte[]> genesisFile() {
      return Optional.of(json);
    }
  }

  /// @param timestamp seconds since 1970 of its first block
  /// @param accounts how many hold ether
  record Development(long timestamp, int accounts) implements NetworkChoice {
    @Override
    public Network network() {
      return DevNetwork.create(
          DevAccounts.first(accounts).accounts(), TEN_THOUSAND_ETHER, timestamp);
    }

    @Override
    public Optional<byte[]> genesisFile() {
      return Optional.of(
          DevNetwork.file(DevAccounts.first(accounts).accounts(), TEN_THOUSAND_ETHER, timestamp));
    }
  }

  /// Wei in one ether.
  long ETHER_WEI = 1_000_000_000_000_000_000L;

  /// What a development account has, in wei.
  UInt256 TEN_THOUSAND_ETHER = UInt256.of(10_000).timesExact(ETHER_WEI);
}
