package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.types.ContractAddress;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.ledger.DevAccount;
import io.semper.rpc.trace.TraceLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Executions made to exhaust whoever traces them: each ends within its limits, and the node goes
/// on answering and making blocks.
final class TraceLimitsTest {
  private static final DevAccount ALICE = TestNode.ALICE;
  private static final Address CONTRACT = ContractAddress.of(ALICE.address(), 0);

  /// Runtime codes.
  private static final String ENDLESS_LOOP = "5b600056";

  /// MSTORE at 2^31.
  private static final String TWO_GIGABYTES = "600063800000005200";

  /// LOG4 of 4,096 bytes until the gas is gone.
  private static final String ENDLESS_LOGS = "5b6001600160016001611000" + "6000a4600056";

  /// Calls itself with all the gas it may hand on.
  private static final String CALLS_ITSELF = "60006000600060006000305af100";

  /// Calls the identity contract with a megabyte, again and again.
  private static final String BIG_CALLS = "5b6000600062100000600060006004" + "5af150600056";

  /// Fills 64 kB of memory, then takes steps; each shows all memory.
  private static final String BIG_MEMORY = "600061ffe052" + "610080" + "5b600190038060095700";

  private static final EthSettings PLENTY_OF_GAS =
      new EthSettings(
          1L << 40,
          EthSettings.DEFAULT.callTimeoutMillis(),
          EthSettings.DEFAULT.maxLogBlocks(),
          EthSettings.DEFAULT.maxLogs(),
          EthSettings.DEFAULT.maxFilters(),
          EthSettings.DEFAULT.filterExpiryMillis(),
          EthSettings.DEFAULT.defaultTip(),
          EthSettings.DEFAULT.ignoreTipBelow(),
          EthSettings.DEFAULT.maxTip(),
          EthSettings.DEFAULT.maxFee(),
          EthSettings.DEFAULT.allowUnprotected(),
          EthSettings.DEFAULT.sendSyncMillis(),
          EthSettings.DEFAULT.maxSendSyncMillis(),
          EthSettings.DEFAULT.network());

  private static TestNode node(EthSettings settings, TraceLimits limits, String code) {
    TestNode node = new TestNode(RpcLimits.DEFAULT, settings, limits);
    node.chain.add(ALICE.deploy(0, Hex.decode(code)));
    return node;
  }

  private static String call(String gas, String options) {
    return "[{\"to\":\"" + CONTRACT + "\",\"gas\":\"" + gas + "\"},\"latest\"," + options + "]";
  }

  private static final TraceLimits QUARTER_SECOND =
      new TraceLimits(250, 64 << 20, 8L << 30, 100, 8, 2);

  @Test
  void anEndlessLoopEndsWithItsTimeWhateverWatchesIt() {
    try (TestNode node = node(PLENTY_OF_GAS, QUARTER_SECOND, ENDLESS_LOOP)) {
      for (String tracer : new String[] {"callTracer", "prestateTracer", "noopTracer"}) {
        JsonNode error =
            node.error("debug_traceCall", call("0x9000000000", "{\"tracer\":\"" + tracer + "\"}"));
        assertThat(error.path("message").textValue()).isEqualTo("execution timeout");
        assertThat(error.path("code").intValue()).isEqualTo(RpcException.SERVER);
      }
      assertThat(node.error("trace_call", "[{\"to\":\"" + CONTRACT + "\"},[\"trace\"]]").toString())
          .contains("execution timeout");
      assertThatItGoesOn(node);
    }
  }

  /// The struct logs had been on their way: the error stands beside what there is of them.
  @Test
  void structLogsOfAnEndlessLoopEndWithAnError() {
    try (TestNode node = node(PLENTY_OF_GAS, QUARTER_SECOND, ENDLESS_LOOP)) {
      JsonNode reply = node.reply("debug_traceCall", call("0x9000000000", "{}"));
      assertThat(reply.at("/error/message").textValue()).isEqualTo("execution timeout");
      assertThat(reply.at("/result/structLogs").size()).isPositive();
      assertThatItGoesOn(node);
    }
  }

  @Test
  void theCallersOwnTimeLimitHolds() {
    try (TestNode node = node(PLENTY_OF_GAS, TraceLimits.DEFAULT, ENDLESS_LOOP)) {
      String options = "{\"tracer\":\"callTracer\",\"timeout\":\"50ms\"}";
      assertThat(node.error("debug_traceCall", call("0x9000000000", options)).toString())
          .contains("execution timeout");
    }
  }

  @Test
  void twoGigabytesOfMemoryAreRefusedForWantOfGas() {
    try (TestNode node = node(EthSettings.DEFAULT, TraceLimits.DEFAULT, TWO_GIGABYTES)) {
      String options = "{\"enableMemory\":true}";
      JsonNode result = node.result("debug_traceCall", call("0x2faf080", options));
      assertThat(result.path("failed").booleanValue()).isTrue();
      JsonNode last = result.path("structLogs").get(2);
      assertThat(last.path("op").textValue()).isEqualTo("MSTORE");
      assertThat(last.path("error").textValue()).isEqualTo("out of gas");
      assertThat(last.has("memory")).isFalse();
    }
  }

  @Test
  void aBlockOfLogsIsTracedOrRefusedWithTheOptionThatMovesTheLimit() {
    try (TestNode node = node(EthSettings.DEFAULT, TraceLimits.DEFAULT, ENDLESS_LOGS)) {
      String options = "{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":true}}";
      JsonNode result = node.result("debug_traceCall", call("0x1c9c380", options));
      assertThat(result.path("error").textValue()).isEqualTo("out of gas");
      assertThat(result.has("logs")).as("logs of a failed call").isFalse();
    }
    TraceLimits small = new TraceLimits(60_000, 1 << 20, 8L << 30, 100, 8, 2);
    try (TestNode node = node(EthSettings.DEFAULT, small, ENDLESS_LOGS)) {
      String options = "{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":true}}";
      JsonNode error = node.error("debug_traceCall", call("0x1c9c380", options));
      assertThat(error.path("code").intValue()).isEqualTo(RpcException.LIMIT_EXCEEDED);
      assertThat(error.at("/data/option").textValue()).isEqualTo("--rpc-max-trace-bytes");
      assertThatItGoesOn(node);
    }
  }

  /// Input costs a caller nothing: a thousand calls with a megabyte each are a gigabyte.
  @Test
  void callsWithLargeInputsAreBounded() {
    try (TestNode node = node(EthSettings.DEFAULT, TraceLimits.DEFAULT, BIG_CALLS)) {
      JsonNode error =
          node.error("debug_traceCall", call("0x2faf080", "{\"tracer\":\"callTracer\"}"));
      assertThat(error.path("code").intValue()).isEqualTo(RpcException.LIMIT_EXCEEDED);
    }
  }

  @Test
  void callsNestAsDeepAsTheyMay() {
    try (TestNode node = node(PLENTY_OF_GAS, TraceLimits.DEFAULT, CALLS_ITSELF)) {
      String request =
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"debug_traceCall\",\"params\":"
              + call("0xffffffffff", "{\"tracer\":\"callTracer\"}")
              + "}";
      String reply = node.post(request).body();
      assertThat(count(reply, "\"type\":\"CALL\"")).isEqualTo(1026);
      assertThat(count(reply, "max call depth exceeded")).isEqualTo(1);
      String flat = node.post(request.replace("callTracer", "flatCallTracer")).body();
      assertThat(count(flat, "\"traceAddress\"")).isEqualTo(1026);
      String parity =
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"trace_call\",\"params\":[{\"to\":\""
              + CONTRACT
              + "\"},[\"trace\",\"vmTrace\",\"stateDiff\"]]}";
      assertThat(node.post(parity).body()).contains("\"vmTrace\":{\"code\"").endsWith("}}");
      assertThatItGoesOn(node);
    }
  }

  private static int count(String text, String part) {
    int count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return count;
  }

  /// More than the largest answer that is held in memory, which is set to a megabyte.
  @Test
  void structLogsLeaveWhileTheyAreMade() throws IOException, InterruptedException {
    RpcLimits usual = RpcLimits.DEFAULT;
    RpcLimits limits =
        new RpcLimits(
            usual.maxBodyBytes(),
            usual.maxBatch(),
            1 << 20,
            1 << 20,
            600_000,
            usual.maxConcurrent(),
            usual.maxConnections(),
            usual.maxWebSockets(),
            usual.maxPerWebSocket(),
            usual.maxSubscriptionsPerConnection(),
            usual.maxSubscriptions(),
            usual.maxQueuedMessages(),
            usual.maxQueuedBytes(),
            usual.writeTimeoutMillis(),
            usual.pingMillis(),
            usual.idleMillis());
    TraceLimits minutes = new TraceLimits(600_000, 64 << 20, 8L << 30, 100, 8, 2);
    try (TestNode node = new TestNode(limits, EthSettings.DEFAULT, minutes)) {
      node.chain.add(ALICE.deploy(0, Hex.decode(BIG_MEMORY)));
      String params = call("0x2faf080", "{\"enableMemory\":true}");
      String body =
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"debug_traceCall\",\"params\":" + params + "}";
      HttpRequest request = node.request().POST(HttpRequest.BodyPublishers.ofString(body)).build();
      HttpResponse<InputStream> response = node.http.send(request, BodyHandlers.ofInputStream());
      long bytes = 0;
      String end = "";
      try (InputStream in = response.body()) {
        byte[] chunk = new byte[1 << 16];
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
          bytes += n;
          String text =
              new String(chunk, Math.max(0, n - 60), Math.min(60, n), StandardCharsets.US_ASCII);
          end = (end + text).substring(Math.max(0, end.length() + text.length() - 60));
        }
      }
      assertThat(bytes).isGreaterThan(100_000_000);
      assertThat(end).contains("\"failed\":false,\"returnValue\":\"0x\"}}");
      // In a batch the answer has to be held, and is refused.
      assertThat(node.post("[" + body + "]").body()).contains("response too large");
    }
  }

  /// Over a WebSocket the same, in pieces of one message.
  @Test
  void structLogsLeaveInPiecesOverWebSockets() throws Exception {
    try (TestNode node = node(EthSettings.DEFAULT, TraceLimits.DEFAULT, BIG_MEMORY);
        WebSocketTest.Client client = new WebSocketTest.Client(node)) {
      // 64 of the steps suffice: the limit of entries in bytes ends them.
      JsonNode reply =
          client.ask(
              "debug_traceCall", call("0x2faf080", "{\"enableMemory\":true,\"limit\":9000000}"));
      assertThat(reply.at("/result/failed").booleanValue()).isFalse();
      assertThat(reply.at("/result/structLogs").size()).isGreaterThan(60);
      assertThat(client.ask("eth_chainId", "[]").path("result").textValue()).isEqualTo("0x539");
    }
  }

  private static void assertThatItGoesOn(TestNode node) {
    long before = node.chain.head().number();
    node.chain.add(ALICE.transfer(1, TestNode.BOB, 1));
    assertThat(node.result("eth_blockNumber", "[]").textValue())
        .isEqualTo("0x" + Long.toHexString(before + 1));
  }
}
