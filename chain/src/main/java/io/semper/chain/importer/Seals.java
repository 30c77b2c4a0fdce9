package io.semper.chain.importer;

import io.semper.chain.block.SealRule;
import io.semper.chain.ethash.EthashSeal;
import io.semper.chain.qbft.QbftSeal;
import io.semper.genesis.Network;

/// What the headers of a network must show.
public final class Seals {
  private Seals() {}

  public static SealRule of(Network network) {
    return network.qbft() != null ? new QbftSeal(network) : EthashSeal.of(network);
  }
}
