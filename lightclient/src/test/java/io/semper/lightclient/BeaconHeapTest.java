package io.semper.lightclient;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What a light client of Ethereum holds on to that has followed the recorded network to its last
/// head and proven every account on the way.
class BeaconHeapTest {
  private static final long MAX_BYTES = 48L << 20;

  @Test
  void aClientThatHasFollowedTheBeaconChainIsSmall() throws Exception {
    try (RecordedEthereum ethereum = new RecordedEthereum()) {
      assertThat(BeaconFigures.held(ethereum)).isLessThanOrEqualTo(MAX_BYTES);
    }
  }
}
