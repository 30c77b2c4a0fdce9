package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What a light client holds on to after many questions. `semper.light.heapQueries` asks more.
class LightHeapTest {
  private static final int QUERIES = Integer.getInteger("semper.light.heapQueries", 1_000);
  private static final long MAX_BYTES = 32L << 20;

  /// Less would mean that the client was let go before it was weighed.
  private static final long MIN_BYTES = 100_000;

  @Test
  void aClientThatHasAnsweredManyQuestionsIsSmall() throws Exception {
    try (SealedNetwork network = new SealedNetwork(4)) {
      LivelyChain chain = new LivelyChain(network, LightFigures.BLOCKS, 1);
      long held = LightFigures.held(network, chain, network.serve(), QUERIES);
      System.out.printf("held after %d queries: %.1f MB%n", QUERIES, held / 1e6);
      assertThat(held).isBetween(MIN_BYTES, MAX_BYTES);
    }
  }
}
