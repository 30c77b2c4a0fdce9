package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.node.config.RpcSettings;
import io.semper.node.light.LightConfig;
import io.semper.node.light.LightNode;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.eth.EthSettings;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// A light client's daemon says what a full node says, to whatever it is asked. So many questions
/// as the system property `semper.light.queries` says.
class EquivalenceTest {
  private static final int QUERIES = Integer.getInteger("semper.light.queries", 400);
  private static final long SEED = Long.getLong("semper.seed", 1);
  private static final int BLOCKS = 80;

  /// Every so many questions the chain grows.
  private static final int QUERIES_PER_BLOCK = 50;

  @Test
  void everyAnswerIsThatOfAFullNode() throws Exception {
    try (SealedNetwork network = new SealedNetwork(4)) {
      LivelyChain chain = new LivelyChain(network, BLOCKS, SEED);
      assertThat(network.validators()).hasSize(4);
      URI full = network.serve();
      try (LightNode light = light(network, List.of(full, network.serve()))) {
        URI proxy = URI.create("http://127.0.0.1:" + light.port());
        Queries queries = new Queries(network, chain, SEED);
        Random random = new Random(SEED);
        for (int i = 0; i < QUERIES; i++) {
          if (i % QUERIES_PER_BLOCK == QUERIES_PER_BLOCK - 1) {
            chain.seal();
            awaitHead(proxy, network);
          }
          int kind = i < queries.kinds() ? i : random.nextInt(queries.kinds());
          Queries.Query query = queries.next(kind);
          JsonNode expected = JsonRpc.reply(full, query.method(), query.params());
          JsonNode said = JsonRpc.reply(proxy, query.method(), query.params());
          assertThat(said).as("question %d: %s", i, query).isEqualTo(expected);
        }
      }
    }
  }

  static LightNode light(SealedNetwork network, List<URI> upstreams) {
    return LightNode.start(
        new LightConfig(
            network.network(),
            Optional.empty(),
            upstreams,
            Optional.empty(),
            Set.of(),
            14 * 24 * 3600,
            new RpcSettings(RpcConfig.local(0), MethodPolicy.ALL, EthSettings.DEFAULT),
            "light"));
  }

  static void awaitHead(URI proxy, SealedNetwork network) {
    String head = "\"0x" + Long.toHexString(network.ledger().head().number()) + "\"";
    long end = System.nanoTime() + 30_000_000_000L;
    while (!JsonRpc.result(proxy, "eth_blockNumber", "[]").toString().equals(head)) {
      assertThat(System.nanoTime() - end).as("no new head in time").isNegative();
      Thread.onSpinWait();
    }
  }
}
