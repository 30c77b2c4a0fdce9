package io.semper.lightclient;

import io.semper.core.fixtures.Fixtures;
import io.semper.core.rlp.RlpReader;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.util.ArrayList;
import java.util.List;

/// 240 blocks that a network of GoQuorum's made: four validators, one voted in at 46 to 48, one
/// voted out at 113 to 115, seven blocks of round 1.
record RecordedChain(Network network, List<Block> blocks) {
  static RecordedChain read() {
    Network[] network = new Network[1];
    List<Block> blocks = new ArrayList<>();
    Fixtures.readArchive(
        "chains/qbft.tar.xz",
        name -> name.endsWith("genesis.json") || name.endsWith("chain.rlp"),
        (name, content) -> {
          if (name.endsWith("json")) {
            network[0] = Genesis.read(content);
          } else {
            RlpReader in = new RlpReader(content);
            while (in.hasNext()) {
              Block block = Block.decode(in.readRaw());
              if (block.header().number() > 0) {
                blocks.add(block);
              }
            }
          }
        });
    return new RecordedChain(network[0], List.copyOf(blocks));
  }

  /// The header of a number from 1 on.
  Header header(int number) {
    return blocks.get(number - 1).header();
  }

  Header last() {
    return header(blocks.size());
  }

  /// Seconds since 1970, a little after the last block.
  long now() {
    return last().timestamp() + 1;
  }
}
