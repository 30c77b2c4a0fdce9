package io.semper.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.UInt256;
import io.semper.node.account.DevAccounts;
import io.semper.node.config.NetworkChoice;
import io.semper.node.config.NodeConfig;
import io.semper.node.config.RpcSettings;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NetworkSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// `eth_simulateV1` and its relatives of a whole node: what they cost and what they agree with.
/// What they answer is compared with recorded replies elsewhere.
class SimulationTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final NetworkChoice.Development CHAIN =
      new NetworkChoice.Development(1_700_000_000, 2);

  private static final String CONTRACT = "0xc0ffee0000000000000000000000000000000000";
  private static final String RICH = "0xaaaa000000000000000000000000000000000000";

  /// Jumps to itself.
  private static final String ENDLESS = "0x5b600056";

  /// Writes a word two gigabytes up.
  private static final String TWO_GIGABYTES = "0x60aa638000000052";

  /// LOG4 while there are 10,000 gas.
  private static final String LOGS = "0x5b600060006000600060006000a46127105a1160005700";

  /// Sends itself a wei and everything it has of gas.
  private static final String NESTED = "0x60006000600060006001305af100";

  /// More gas than any execution uses.
  private static final long UNLIMITED = 1L << 60;

  private final HttpClient http = HttpClient.newHttpClient();

  private static Node start(EthSettings settings, MethodPolicy policy) {
    DevAccounts keys = DevAccounts.first(CHAIN.accounts());
    return Node.start(
        new NodeConfig(
            CHAIN.network(),
            Optional.empty(),
            Long.MAX_VALUE,
            new RpcSettings(RpcConfig.local(0), policy, settings),
            "Semper/test",
            OptionalInt.empty(),
            Optional.of(new NodeConfig.Development(0, 30_000_000, keys)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  private static EthSettings limits(long gasCap, long timeoutMillis) {
    EthSettings d = EthSettings.DEFAULT;
    return new EthSettings(
        gasCap,
        timeoutMillis,
        d.maxLogBlocks(),
        d.maxLogs(),
        d.maxFilters(),
        d.filterExpiryMillis(),
        d.defaultTip(),
        d.ignoreTipBelow(),
        d.maxTip(),
        UInt256.ZERO,
        true,
        d.sendSyncMillis(),
        d.maxSendSyncMillis(),
        NetworkSettings.DEFAULT);
  }

  private JsonNode reply(Node node, String method, String params)
      throws IOException, InterruptedException {
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port()))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
  }

  private JsonNode result(Node node, String method, String params)
      throws IOException, InterruptedException {
    JsonNode reply = reply(node, method, params);
    assertThat(reply.has("result")).as(method + " answered " + reply).isTrue();
    return reply.get("result");
  }

  /// One call of a contract with this code, in a block with as much gas as `gasLimit`.
  private static String callOf(String code, String gasLimit, String block) {
    return """
    [{"blockStateCalls": [{
        "blockOverrides": {"gasLimit": "%s"},
        "stateOverrides": {"%s": {"code": "%s", "balance": "0x1"}},
        "calls": [{"from": "%s", "to": "%s"}]}],
      "traceTransfers": true}, "%s"]\
    """
        .formatted(gasLimit, CONTRACT, code, RICH, CONTRACT, block);
  }

  private JsonNode call(Node node, String code, long gas) throws IOException, InterruptedException {
    String params = callOf(code, "0x" + Long.toHexString(gas), "latest");
    return result(node, "eth_simulateV1", params).get(0).get("calls").get(0);
  }

  @Test
  void memoryLogsAndDepthAreBoundedByGas() throws Exception {
    try (Node node = start(EthSettings.DEFAULT, MethodPolicy.ALL)) {
      for (String code : List.of(ENDLESS, TWO_GIGABYTES)) {
        JsonNode call = call(node, code, 30_000_000);
        assertThat(call.at("/status").asText()).isEqualTo("0x0");
        assertThat(call.at("/error/code").asInt()).isEqualTo(-32015);
        assertThat(call.at("/error/message").asText()).isEqualTo("out of gas");
        assertThat(call.at("/gasUsed").asText()).isEqualTo("0x1c9c380");
      }
      JsonNode logs = call(node, LOGS, 30_000_000).get("logs");
      assertThat(logs.size()).isBetween(15_000, 16_000);
      assertThat(logs.get(logs.size() - 1).get("logIndex").asText())
          .isEqualTo("0x" + Integer.toHexString(logs.size() - 1));
      JsonNode capped = call(node, ENDLESS, UNLIMITED);
      assertThat(capped.at("/gasUsed").asText()).isEqualTo("0x2faf080");
      assertThat(capped.at("/error/message").asText()).contains("capped");
    }
  }

  @Test
  void timeIsBoundedWhateverTheGasAndTheNodeSealsMeanwhile() throws Exception {
    try (Node node = start(limits(UNLIMITED, 500), MethodPolicy.ALL);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<JsonNode>> endless = new ArrayList<>();
      String params = callOf(ENDLESS, "0x" + Long.toHexString(UNLIMITED), "latest");
      for (int i = 0; i < 3; i++) {
        endless.add(callers.submit(() -> reply(node, "eth_simulateV1", params)));
      }
      JsonNode accounts = result(node, "eth_accounts", "[]");
      for (int i = 0; i < 3; i++) {
        String transfer =
            "[{\"from\":%s,\"to\":%s,\"value\":\"0x1\"}]"
                .formatted(accounts.get(0), accounts.get(1));
        JsonNode hash = result(node, "eth_sendTransaction", transfer);
        assertThat(receipt(node, hash).at("/status").asText()).isEqualTo("0x1");
      }
      for (Future<JsonNode> each : endless) {
        assertThat(each.get().at("/error/code").asInt()).isEqualTo(-32000);
        assertThat(each.get().at("/error/message").asText())
            .isEqualTo("execution aborted (timeout = 500ms)");
      }
    }
  }

  @Test
  void callsNestToTheirLimitAndMoveEtherBackAndForth() throws Exception {
    try (Node node = start(limits(UNLIMITED, 20_000), MethodPolicy.ALL)) {
      JsonNode call = call(node, NESTED, UNLIMITED);
      assertThat(call.at("/status").asText()).isEqualTo("0x1");
      // One transfer for each call from depth 1 to 1024; the one beyond fails.
      assertThat(call.get("logs").size()).isEqualTo(1024);
    }
  }

  private JsonNode receipt(Node node, JsonNode hash) throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + 60_000_000_000L;
    JsonNode receipt = result(node, "eth_getTransactionReceipt", "[" + hash + "]");
    while (receipt.isNull() && System.nanoTime() < giveUp) {
      Thread.onSpinWait();
      receipt = result(node, "eth_getTransactionReceipt", "[" + hash + "]");
    }
    return receipt;
  }

  @Test
  void aSimulatedBlockLeavesTheStateOfTheRealOne() throws Exception {
    try (Node node = start(limits(50_000_000, 20_000), MethodPolicy.ALL)) {
      JsonNode accounts = result(node, "eth_accounts", "[]");
      // Stores 7 in slot 1 and keeps no code.
      String creation =
          "[{\"from\":%s,\"value\":\"0x5\",\"data\":\"0x600760015500\"}]"
              .formatted(accounts.get(0));
      JsonNode hash = result(node, "eth_sendTransaction", creation);
      receipt(node, hash);
      JsonNode real = result(node, "eth_getBlockByNumber", "[\"0x1\",true]");
      JsonNode sent = real.get("transactions").get(0);
      String simulation =
          """
          [{"blockStateCalls": [{
              "blockOverrides": {"time": %s, "gasLimit": %s, "feeRecipient": %s,
                                 "prevRandao": %s, "beaconRoot": %s},
              "calls": [{"from": %s, "input": %s, "value": %s, "gas": %s, "nonce": %s,
                         "maxFeePerGas": %s, "maxPriorityFeePerGas": %s}]}],
            "validation": true, "returnFullTransactions": true}, "0x0"]\
          """
              .formatted(
                  real.get("timestamp"),
                  real.get("gasLimit"),
                  real.get("miner"),
                  real.get("mixHash"),
                  real.get("parentBeaconBlockRoot"),
                  sent.get("from"),
                  sent.get("input"),
                  sent.get("value"),
                  sent.get("gas"),
                  sent.get("nonce"),
                  sent.get("maxFeePerGas"),
                  sent.get("maxPriorityFeePerGas"));
      JsonNode simulated = result(node, "eth_simulateV1", simulation).get(0);
      for (String field :
          List.of(
              "stateRoot",
              "receiptsRoot",
              "gasUsed",
              "baseFeePerGas",
              "requestsHash",
              "excessBlobGas",
              "parentHash",
              "number")) {
        assertThat(simulated.get(field)).as(field).isEqualTo(real.get(field));
      }
      assertThat(simulated.get("transactions").get(0).get("from")).isEqualTo(sent.get("from"));
    }
  }

  @Test
  void storageIsReplacedWholeAndThePendingBlockIsABase() throws Exception {
    try (Node node = start(limits(50_000_000, 20_000), MethodPolicy.ALL)) {
      // Returns slot 1.
      String reader = "0x60015460005260206000f3";
      String word = "0x" + "0".repeat(63);
      String simulation =
          """
          [{"blockStateCalls": [
             {"stateOverrides": {"%1$s": {"code": "%2$s", "stateDiff": {"%3$s1": "%3$s7"}}},
              "calls": [{"to": "%1$s"}]},
             {"calls": [{"to": "%1$s"}]},
             {"stateOverrides": {"%1$s": {"state": {"%3$s2": "%3$s9"}}},
              "calls": [{"to": "%1$s"}]}]}, "pending"]\
          """
              .formatted(CONTRACT, reader, word);
      JsonNode blocks = result(node, "eth_simulateV1", simulation);
      assertThat(blocks.get(0).get("number").asText()).isEqualTo("0x2");
      List<String> read = new ArrayList<>();
      blocks.forEach(block -> read.add(block.at("/calls/0/returnData").asText()));
      assertThat(read).containsExactly(word + "7", word + "7", word + "0");
    }
  }

  @Test
  void blocksAreBuiltToOrderOnlyWhereTheOperatorSaysSo() throws Exception {
    String zero = "\"0x" + "0".repeat(64) + "\"";
    try (Node node = start(EthSettings.DEFAULT, MethodPolicy.ALL)) {
      assertThat(reply(node, "testing_buildBlockV1", "[]").at("/error/code").asInt())
          .isEqualTo(-32601);
    }
    MethodPolicy policy = new MethodPolicy(Set.of("eth", "testing"), Set.of());
    try (Node node = start(EthSettings.DEFAULT, policy)) {
      JsonNode head = result(node, "eth_getBlockByNumber", "[\"latest\",false]");
      String params =
          """
          [%s, {"timestamp": "0x7fffffff", "prevRandao": %s, "withdrawals": [],
                "suggestedFeeRecipient": "%s", "parentBeaconBlockRoot": %s}, [], "0xabcd"]\
          """
              .formatted(head.get("hash"), zero, RICH, zero);
      JsonNode payload = result(node, "testing_buildBlockV1", params).get("executionPayload");
      assertThat(payload.get("parentHash")).isEqualTo(head.get("hash"));
      assertThat(payload.get("extraData").asText()).isEqualTo("0xabcd");
      assertThat(result(node, "eth_blockNumber", "[]").asText()).isEqualTo("0x0");
    }
  }
}
