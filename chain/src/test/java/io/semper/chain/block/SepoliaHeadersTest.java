package io.semper.chain.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.ethash.EthashSeal;
import io.semper.chain.file.BlockFile;
import io.semper.chain.file.FileBlock;
import io.semper.core.bytes.UInt256;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.types.Header;
import io.semper.genesis.Network;
import io.semper.genesis.PublicNetwork;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Sepolia's first 8,192 blocks: London's rules with the difficulty of a living test network.
class SepoliaHeadersTest {
  /// Seals take milliseconds each; a sample keeps the test short. Importing verifies all.
  private static final int SEAL_EVERY = 64;

  @Test
  void every_header_keeps_the_rules() throws IOException {
    Network sepolia = PublicNetwork.SEPOLIA.network();
    EthashSeal ethash = EthashSeal.of(sepolia);
    SealRule sample =
        (header, parent) ->
            header.number() % SEAL_EVERY == 0 ? ethash.verify(header, parent) : Optional.empty();
    HeaderRules rules = new HeaderRules(sepolia, sample);
    Header parent = sepolia.genesis();
    UInt256 total = parent.difficulty();
    try (BlockFile file = BlockFile.open(Fixtures.path("chains/sepolia-0-8191.era1"))) {
      FileBlock genesis = file.next();
      assertThat(genesis.block().header().hash()).isEqualTo(sepolia.genesisHash());
      for (FileBlock next = file.next(); next != null; next = file.next()) {
        Header header = next.block().header();
        assertThat(rules.verify(header, parent, total)).as("block %d", header.number()).isEmpty();
        total = total.plus(header.difficulty());
        assertThat(next.totalDifficulty()).isEqualTo(total);
        parent = header;
      }
    }
    assertThat(parent.hash().toString())
        .isEqualTo("0x8e3e7dc9ef199c05683417b4aa572f0b7a8bcfafca7edb6045baabc01aa4fb0c");
  }
}
