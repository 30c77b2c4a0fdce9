package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.PooledTransaction;
import io.semper.core.view.PoolView;
import io.semper.core.view.UnavailableException;
import io.semper.lightclient.LightClient;
import io.semper.lightclient.LogPage;
import io.semper.lightclient.LogQuery;
import io.semper.lightclient.upstream.HttpTransport;
import io.semper.lightclient.upstream.UpstreamLimits;
import io.semper.lightclient.upstream.UpstreamPool.State;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What a node leaves out: logs, receipts, transactions sent to it. Alone it can keep the answer
/// back, and never give a shorter one; beside an honest node it can do nothing.
class OmissionTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Nobody is silent here, however busy the machine.
  private static final UpstreamLimits LIMITS =
      new UpstreamLimits(32 << 20, 20_000, 60_000, 1_000, 16);

  private static final LogQuery ALL = new LogQuery(0, Long.MAX_VALUE, List.of(), List.of());
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  private static SealedNetwork network;
  private static LivelyChain chain;
  private static URI full;

  @BeforeAll
  static void start() throws Exception {
    network = new SealedNetwork(4);
    chain = new LivelyChain(network, 30, 11);
    full = network.serve();
  }

  @AfterAll
  static void stop() {
    network.close();
  }

  /// What becomes of an honest reply's results, by the method asked for.
  private interface Omission extends BiFunction<String, JsonNode, JsonNode> {}

  private static LightClient client(Omission omission, boolean besideHonest) {
    HttpTransport http = new HttpTransport();
    LightClient.Builder builder =
        LightClient.builder(network.network())
            .limits(LIMITS)
            .pollMillis(20)
            .upstream(URI.create("http://omits"))
            .transport((url, body, max, millis) -> {
              byte[] reply = http.post(full, body, max, millis);
              return url.getHost().equals("omits") ? without(body, reply, omission) : reply;
            });
    if (besideHonest) {
      builder.upstream(URI.create("http://honest"));
    }
    return builder.build();
  }

  private static byte[] without(byte[] body, byte[] reply, Omission omission) throws IOException {
    JsonNode asked = JSON.readTree(body);
    JsonNode said = JSON.readTree(reply);
    for (int i = 0; i < (asked.isArray() ? asked.size() : 1); i++) {
      ObjectNode each = (ObjectNode) (said.isArray() ? said.get(i) : said);
      String method = (asked.isArray() ? asked.get(i) : asked).get("method").textValue();
      if (each.hasNonNull("result")) {
        each.set("result", omission.apply(method, each.get("result")));
      }
    }
    return JSON.writeValueAsBytes(said);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("in time").isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static List<LogPage.Found> logs(LightClient client) {
    LogPage page = client.logs(ALL, LogPage.Budget.DEFAULT).value();
    assertThat(page.nextBlock()).isEqualTo(-1);
    return page.logs();
  }

  private static List<Hash32> transactionsWithLogs() {
    return JsonRpc.result(full, "eth_getLogs", "[{\"fromBlock\":\"earliest\"}]")
        .findValuesAsText("transactionHash")
        .stream()
        .map(Hash32::of)
        .toList();
  }

  /// Empty lists, one receipt or one log fewer, and a bloom that denies them.
  @Test
  void logsAreComplete() {
    List<Hash32> all = transactionsWithLogs();
    assertThat(all).hasSizeGreaterThan(3);
    Map<String, Omission> omissions =
        Map.of(
            "no receipts",
            (method, result) ->
                method.equals("eth_getBlockReceipts") ? JSON.createArrayNode() : result,
            "no last receipt",
            (method, result) -> {
              if (method.equals("eth_getBlockReceipts") && !result.isEmpty()) {
                ((ArrayNode) result).remove(result.size() - 1);
              }
              return result;
            },
            "no last log",
            (method, result) -> {
              if (method.equals("eth_getBlockReceipts")) {
                for (JsonNode receipt : result) {
                  ArrayNode logs = (ArrayNode) receipt.get("logs");
                  if (!logs.isEmpty()) {
                    logs.remove(logs.size() - 1);
                  }
                }
              }
              return result;
            },
            "no bloom",
            (method, result) -> {
              if (result.hasNonNull("logsBloom")) {
                ((ObjectNode) result).put("logsBloom", Hex.encode(new byte[256]));
              }
              return result;
            });
    omissions.forEach((what, omission) -> {
      try (LightClient alone = client(omission, false)) {
        if (alone.head().block().number() > 0) { // else it has lied about the head
          assertThatThrownBy(() -> logs(alone)).as(what).isInstanceOf(UnavailableException.class);
        }
        assertThat(alone.upstreams().evidence()).as(what).hasSize(1);
      }
      try (LightClient client = client(omission, true)) {
        ValidatorContractTest.awaitHead(client, network);
        assertThat(logs(client)).as(what).extracting(LogPage.Found::transactionHash).isEqualTo(all);
        for (Hash32 each : all) {
          assertThat(client.receipt(each)).as(what).isPresent();
        }
      }
    });
  }

  /// To know nothing of it is no lie, and not the end of the search.
  @Test
  void aTransactionIsFoundWhereOneNodeKnowsOfIt() {
    Omission ignorant =
        (method, result) -> method.startsWith("eth_getTransaction") ? JSON.nullNode() : result;
    try (LightClient client = client(ignorant, true)) {
      ValidatorContractTest.awaitHead(client, network);
      for (Hash32 each : chain.included()) {
        assertThat(client.receipt(each)).isPresent();
      }
      assertThat(client.upstreams().evidence()).isEmpty();
    }
  }

  private static PooledTransaction payment() {
    Address from = network.accounts().get(3);
    return new PooledTransaction(
        network.transaction(from, Address.of(0x77), UInt256.of(5), new byte[0], 21_000), null);
  }

  /// One that says it took a transaction and did not: it is never said to be in a block, and
  /// whoever else is asked gets it too.
  @Test
  void aTransactionThatIsSwallowedIsNotSaidToBeIncluded() throws Exception {
    PooledTransaction sent = payment();
    Hash32 hash = sent.transaction().hash();
    AtomicInteger swallowed = new AtomicInteger();
    HttpTransport http = new HttpTransport();
    byte[] taken =
        ("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":\"" + hash + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    for (boolean besideHonest : List.of(false, true)) {
      LightClient.Builder builder =
          LightClient.builder(network.network())
              .limits(LIMITS)
              .pollMillis(20)
              .upstream(URI.create("http://swallows"))
              .transport((url, body, max, millis) -> {
                boolean sends =
                    new String(body, StandardCharsets.UTF_8).contains("eth_sendRawTransaction");
                if (sends && url.getHost().equals("swallows")) {
                  swallowed.incrementAndGet();
                  return taken;
                }
                return http.post(full, body, max, millis);
              });
      if (besideHonest) {
        builder.upstream(URI.create("http://honest"));
      }
      try (LightClient client = builder.build()) {
        assertThat(client.send(sent)).isInstanceOf(PoolView.Submission.Accepted.class);
        int before = swallowed.get();
        if (besideHonest) {
          await(() -> network.pool().transaction(hash).isPresent());
        }
        for (int block = 0; block < 6; block++) {
          network.seal();
          ValidatorContractTest.awaitHead(client, network);
        }
        assertThat(client.receipt(hash).isPresent()).isEqualTo(besideHonest);
        if (!besideHonest) {
          assertThat(client.pool().transaction(hash)).isPresent();
          await(() -> swallowed.get() > before); // and is given again
        }
      }
    }
  }

  /// One that says it took another one.
  @Test
  void whoNamesAnotherTransactionThanTheOneSentIsBanned() {
    Omission confuses =
        (method, result) ->
            method.equals("eth_sendRawTransaction")
                ? JSON.getNodeFactory().textNode(Hash32.of(9, 9, 9, 9).toString())
                : result;
    try (LightClient client = client(confuses, false)) {
      assertThatThrownBy(() -> client.send(payment())).isInstanceOf(UnavailableException.class);
      assertThat(client.upstreams().status().getFirst().state()).isEqualTo(State.BANNED);
      assertThat(client.upstreams().evidence()).hasSize(1);
    }
    network.seal();
  }
}
