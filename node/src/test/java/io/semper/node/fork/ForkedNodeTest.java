package io.semper.node.fork;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpServer;
import io.semper.core.bytes.UInt256;
import io.semper.node.Node;
import io.semper.node.account.DevAccounts;
import io.semper.node.config.NetworkChoice;
import io.semper.node.config.NodeConfig;
import io.semper.node.config.RpcSettings;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.RpcException;
import io.semper.rpc.eth.EthSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A chain forked from a node that answers truly, falsely, or not at all.
class ForkedNodeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final NetworkChoice.Development CHAIN =
      new NetworkChoice.Development(1_700_000_000, 2);

  /// Makes a contract that adds one to slot 0: PUSH1 1, PUSH0, SLOAD, ADD, PUSH0, SSTORE.
  private static final String ADDER = "\"data\":\"0x6760015f54015f55005f5260086018f3\"";

  private static Node origin;

  private HttpServer between;
  private volatile UnaryOperator<JsonNode> lie = reply -> reply;

  @BeforeAll
  static void startOrigin() {
    origin =
        Node.start(
            new NodeConfig(
                CHAIN.network(),
                Optional.empty(),
                Long.MAX_VALUE,
                settings(),
                "Semper/test",
                OptionalInt.empty(),
                Optional.of(
                    new NodeConfig.Development(0, 30_000_000, DevAccounts.first(CHAIN.accounts()))),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
  }

  @AfterAll
  static void stopOrigin() {
    origin.close();
  }

  @AfterEach
  void stopBetween() {
    if (between != null) {
      between.stop(0);
    }
  }

  private static RpcSettings settings() {
    return new RpcSettings(RpcConfig.local(0), MethodPolicy.ALL, EthSettings.DEFAULT);
  }

  private ForkedNode fork(String url) {
    return ForkedNode.start(
        new ForkedNode.Settings(
            url,
            null,
            0,
            null,
            DevAccounts.first(2),
            UInt256.of(1_000_000_000_000_000_000L),
            settings(),
            "Semper/test"));
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  private static byte[] post(String url, byte[] body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    return HTTP.send(request, BodyHandlers.ofByteArray()).body();
  }

  private static JsonNode call(int port, String method, String params)
      throws IOException, InterruptedException {
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
    return JSON.readTree(post(url(port), body.getBytes(UTF_8)));
  }

  /// Stands between a fork and its origin and may change every reply.
  private String between() throws IOException {
    between = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    between.createContext(
        "/",
        exchange -> {
          try {
            byte[] asked = exchange.getRequestBody().readAllBytes();
            JsonNode reply = lie.apply(JSON.readTree(post(url(origin.port()), asked)));
            byte[] body = reply == null ? "<html>".getBytes(UTF_8) : JSON.writeValueAsBytes(reply);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            exchange.close();
          }
        });
    between.start();
    return url(between.getAddress().getPort());
  }

  @Test
  void continuesTheChain() throws IOException, InterruptedException {
    try (ForkedNode fork = fork(url(origin.port()))) {
      JsonNode there = call(origin.port(), "eth_getBlockByNumber", "[\"latest\", false]");
      JsonNode here = call(fork.port(), "eth_getBlockByNumber", "[\"latest\", false]");
      assertThat(here.get("result")).isEqualTo(there.get("result"));
      call(fork.port(), "evm_mine", "[]");
      JsonNode next =
          call(fork.port(), "eth_getBlockByNumber", "[\"latest\", false]").get("result");
      assertThat(next.get("parentHash")).isEqualTo(here.at("/result/hash"));
      assertThat(call(origin.port(), "eth_getBlockByNumber", "[\"latest\", false]"))
          .isEqualTo(there);
    }
  }

  private static JsonNode result(int port, String method, String params)
      throws IOException, InterruptedException {
    JsonNode reply = call(port, method, params);
    assertThat(reply.has("result")).as(method + " " + reply).isTrue();
    return reply.get("result");
  }

  /// Sends from the first account; answers the receipt.
  private static JsonNode send(int port, String fields) throws IOException, InterruptedException {
    String from = result(port, "eth_accounts", "[]").get(0).asText();
    String transaction = "[{\"from\":\"" + from + "\",\"gas\":\"0x100000\"," + fields + "}]";
    String hash = result(port, "eth_sendTransaction", transaction).asText();
    JsonNode receipt;
    long giveUp = System.nanoTime() + 60_000_000_000L;
    do {
      receipt = result(port, "eth_getTransactionReceipt", "[\"" + hash + "\"]");
    } while (receipt.isNull() && System.nanoTime() < giveUp);
    assertThat(receipt.path("status").asText()).isEqualTo("0x1");
    return receipt;
  }

  @Test
  void tracesBlocksFromBeforeTheForkAndItsOwn() throws IOException, InterruptedException {
    String contract = send(origin.port(), ADDER).get("contractAddress").asText();
    String add = "\"to\":\"" + contract + "\"";
    String before = "[\"" + send(origin.port(), add).get("transactionHash").asText() + "\"";
    try (ForkedNode fork = fork(url(origin.port()))) {
      String diff = ",{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"diffMode\":true}}]";
      for (String options : List.of("]", ",{\"tracer\":\"callTracer\"}]", diff)) {
        assertThat(result(fork.port(), "debug_traceTransaction", before + options))
            .isEqualTo(result(origin.port(), "debug_traceTransaction", before + options));
      }
      assertThat(result(fork.port(), "trace_block", "[\"latest\"]"))
          .isEqualTo(result(origin.port(), "trace_block", "[\"latest\"]"));

      String slot = "\"0x" + "0".repeat(64) + "\"";
      String nine = "\"0x" + "0".repeat(63) + "9\"";
      result(fork.port(), "anvil_setStorageAt", "[\"" + contract + "\"," + slot + "," + nine + "]");
      String own = "[\"" + send(fork.port(), add).get("transactionHash").asText() + "\"";
      JsonNode changed = result(fork.port(), "debug_traceTransaction", own + diff);
      String at = "/" + contract + "/storage/0x" + "0".repeat(64);
      assertThat(changed.at("/pre" + at).asText()).as("as it was altered").endsWith("9");
      assertThat(changed.at("/post" + at).asText()).endsWith("a");
    }
  }

  @Test
  void anExecutionThatIsNotTheOneOfTheReceiptIsNotShown() throws IOException, InterruptedException {
    String contract = send(origin.port(), ADDER).get("contractAddress").asText();
    JsonNode receipt = send(origin.port(), "\"to\":\"" + contract + "\"");
    String asked = "[\"" + receipt.get("transactionHash").asText() + "\"]";
    lie =
        reply -> {
          // The same with an instruction more, as if it were executed by another price list.
          for (JsonNode each : reply.isArray() ? reply : JSON.createArrayNode().add(reply)) {
            if (each.path("result").asText().equals("0x60015f54015f5500")) {
              ((ObjectNode) each).put("result", "0x60015f54015f555b00");
            }
          }
          return reply;
        };
    try (ForkedNode fork = fork(between())) {
      assertThat(call(fork.port(), "debug_traceTransaction", asked).at("/error/message").asText())
          .contains("was made by rules not known here");
    }
  }

  @Test
  void makesUpBlocksAndSaysHowItIs() throws IOException, InterruptedException {
    try (ForkedNode fork = fork(url(origin.port()))) {
      String to = "0x00000000000000000000000000000000000000f1";
      // PUSH0, SLOAD, PUSH0, MSTORE, NUMBER, PUSH0, SSTORE, PUSH1 32, PUSH0, RETURN.
      String code = "\"stateOverrides\":{\"" + to + "\":{\"code\":\"0x5f545f52435f5560205ff3\"}}";
      String calls = "\"calls\":[{\"to\":\"" + to + "\"}]";
      String asked = "[{\"blockStateCalls\":[{" + code + "," + calls + "},{" + calls + "}]},";
      long head = Long.decode(result(fork.port(), "eth_blockNumber", "[]").asText());
      for (String base : List.of("\"latest\"", "\"pending\"")) {
        JsonNode blocks = result(fork.port(), "eth_simulateV1", asked + base + "]");
        long first = head + (base.contains("latest") ? 1 : 2);
        assertThat(blocks.get(0).path("number").asText()).isEqualTo("0x" + Long.toHexString(first));
        assertThat(blocks.at("/1/parentHash")).isEqualTo(blocks.at("/0/hash"));
        assertThat(blocks.at("/1/calls/0/returnData").asText())
            .isEqualTo("0x%064x".formatted(first));
      }
      assertThat(
              result(fork.port(), "eth_capabilities", "[]").at("/stateproofs/disabled").asBoolean())
          .isTrue();
      HttpRequest ready =
          HttpRequest.newBuilder(URI.create(url(fork.port()) + "/health/ready")).build();
      assertThat(HTTP.send(ready, BodyHandlers.ofString()).body()).contains("\"ready\":true");
    }
  }

  @Test
  void goesOnFromAnotherNodeOfTheSameChain() throws IOException, InterruptedException {
    try (ForkedNode fork = fork(between())) {
      String unseen = "[\"0x00000000000000000000000000000000000000ac\", \"latest\"]";
      lie = reply -> null;
      assertThat(call(fork.port(), "eth_getBalance", unseen).has("error")).isTrue();
      String silent = "[\"" + url(between.getAddress().getPort()) + "\"]";
      assertThat(call(fork.port(), "anvil_setRpcUrl", silent).at("/error/message").asText())
          .contains("no JSON");
      result(fork.port(), "anvil_setRpcUrl", "[\"" + url(origin.port()) + "\"]");
      assertThat(result(fork.port(), "eth_getBalance", unseen).asText()).isEqualTo("0x0");
      assertThat(call(origin.port(), "anvil_setRpcUrl", silent).at("/error/message").asText())
          .contains("without --fork-url");
    }
  }

  @Test
  void aHeaderThatIsNotWhatItsHashSaysIsRefused() throws IOException {
    lie =
        reply -> {
          if (reply.path("result").has("gasUsed")) {
            ((ObjectNode) reply.get("result")).put("gasUsed", "0x1");
          }
          return reply;
        };
    String url = between();
    assertThatThrownBy(() -> fork(url))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("its fields hash to");
  }

  @Test
  void whatIsNoAnswerIsTold() throws IOException {
    String url = between();
    lie = reply -> null;
    assertThatThrownBy(() -> fork(url)).hasMessageContaining("forked node 127.0.0.1: no JSON");
    lie = reply -> JSON.getNodeFactory().textNode("x");
    assertThatThrownBy(() -> fork(url)).hasMessageContaining("no JSON-RPC reply");
    lie = reply -> JSON.createObjectNode();
    assertThatThrownBy(() -> fork(url)).hasMessageContaining("without a result");
    lie = reply -> JSON.createObjectNode().put("result", "lots");
    assertThatThrownBy(() -> fork(url)).hasMessageContaining("eth_chainId");
  }

  @Test
  void aNodeThatFailsLaterFailsCallsNotTheChain() throws IOException, InterruptedException {
    try (ForkedNode fork = fork(between())) {
      lie = reply -> JSON.createArrayNode();
      String unseen = "[\"0x00000000000000000000000000000000000000ab\", \"latest\"]";
      assertThat(call(fork.port(), "eth_getBalance", unseen).at("/error/message").asText())
          .contains("was not answered");
      lie = reply -> reply;
      assertThat(call(fork.port(), "eth_getBalance", unseen).get("result").asText())
          .isEqualTo("0x0");
    }
  }
}
