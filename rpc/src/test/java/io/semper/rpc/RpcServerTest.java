package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.http.HttpResponseException;
import io.semper.rpc.eth.EthSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/// Batches, notifications, limits, access.
final class RpcServerTest {
  private static String call(int id, String method, String params) {
    return "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\",\"params\":%s}"
        .formatted(id, method, params);
  }

  private static final String NOTE = "{\"jsonrpc\":\"2.0\",\"method\":\"eth_chainId\"}";

  @Test
  void aBatchKeepsItsOrderAndABadItemSpoilsNoOther() {
    try (TestNode node = new TestNode()) {
      JsonNode replies =
          TestNode.json(
              node.post(
                      "["
                          + String.join(
                              ",",
                              call(1, "eth_chainId", "[]"),
                              "17",
                              NOTE,
                              call(2, "eth_nope", "[]"),
                              "[]",
                              call(3, "net_version", "[]"))
                          + "]")
                  .body());
      assertThat(replies).hasSize(5);
      assertThat(replies.get(0).path("result").textValue()).isEqualTo("0x539");
      assertThat(replies.get(1).path("error").path("code").intValue()).isEqualTo(-32600);
      assertThat(replies.get(1).get("id").isNull()).isTrue();
      assertThat(replies.get(2).path("id").intValue()).isEqualTo(2);
      assertThat(replies.get(2).path("error").path("code").intValue()).isEqualTo(-32601);
      assertThat(replies.get(3).path("error").path("code").intValue()).isEqualTo(-32600);
      assertThat(replies.get(4).path("result").textValue()).isEqualTo("1337");
    }
  }

  @Test
  void notificationsGetNoReply() {
    try (TestNode node = new TestNode()) {
      assertThat(node.post(NOTE).body()).isEmpty();
      assertThat(node.post("[" + NOTE + "," + NOTE + "]").body()).isEmpty();
      assertThat(node.post(NOTE).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void idsComeBackAsTheyWere() {
    try (TestNode node = new TestNode()) {
      for (String id : List.of("\"a\"", "0", "-7", "1.5", "null", "12345678901234567890")) {
        JsonNode reply =
            TestNode.json(
                node.post("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"eth_chainId\"}")
                    .body());
        assertThat(reply.get("id")).isEqualTo(TestNode.json(id));
      }
    }
  }

  @Test
  void whatABatchMayAnswerIsBoundedAndEveryItemGetsAReply() {
    RpcLimits limits = RpcLimits.DEFAULT.withBody(1 << 20, 100, 3000);
    try (TestNode node = new TestNode(limits)) {
      String one = call(1, "eth_getBlockByNumber", "[\"latest\",true]");
      JsonNode replies = TestNode.json(node.post("[" + (one + ",").repeat(9) + one + "]").body());
      assertThat(replies).hasSize(10);
      assertThat(replies.get(0).has("result")).isTrue();
      assertThat(replies.get(9).path("error").path("code").intValue()).isEqualTo(-32005);
      assertThat(replies.get(9).path("error").path("message").textValue())
          .isEqualTo("response too large");
    }
  }

  @Test
  void oneDeadlineCoversABatch() {
    RpcLimits limits = RpcLimits.DEFAULT.withTimeoutMillis(300);
    try (TestNode node = new TestNode(limits)) {
      // JUMPDEST PUSH1 0 JUMP: runs until its gas or time is over.
      String endless =
          "[{\"to\":\"0x00000000000000000000000000000000000000ff\"},\"latest\","
              + "{\"0x00000000000000000000000000000000000000ff\":{\"code\":\"0x5b600056\"}}]";
      String one = call(1, "eth_call", endless);
      long start = System.nanoTime();
      JsonNode replies = TestNode.json(node.post("[" + (one + ",").repeat(99) + one + "]").body());
      assertThat(replies).hasSize(100);
      assertThat(replies.get(99).path("error").path("message").textValue())
          .isEqualTo("request timed out");
      assertThat((System.nanoTime() - start) / 1_000_000).isLessThan(25_000);
    }
  }

  @Test
  void methodsCanBeDeniedOneByOne() {
    MethodPolicy policy = new MethodPolicy(Set.of("eth", "net_version"), Set.of("eth_getLogs"));
    try (TestNode node =
        new TestNode(RpcConfig.local(0), EthSettings.DEFAULT, policy, Optional.empty())) {
      assertThat(node.result("eth_chainId", "[]").textValue()).isEqualTo("0x539");
      assertThat(node.result("net_version", "[]").textValue()).isEqualTo("1337");
      assertThat(node.error("eth_getLogs", "[{}]").path("code").intValue()).isEqualTo(-32601);
      assertThat(node.error("net_listening", "[]").path("code").intValue()).isEqualTo(-32601);
      assertThat(node.error("txpool_status", "[]").path("code").intValue()).isEqualTo(-32601);
    }
  }

  @Test
  void webPagesNeedAnAllowedOrigin() {
    RpcConfig config =
        new RpcConfig(
            "127.0.0.1",
            0,
            Set.of("https://app.example"),
            Set.of(),
            true,
            "Semper",
            RpcLimits.DEFAULT);
    try (TestNode node =
        new TestNode(config, EthSettings.DEFAULT, MethodPolicy.ALL, Optional.empty())) {
      HttpResponse<String> allowed = preflight(node, "https://app.example");
      assertThat(allowed.statusCode()).isEqualTo(204);
      assertThat(allowed.headers().firstValue("Access-Control-Allow-Origin"))
          .hasValue("https://app.example");
      HttpResponse<String> refused = preflight(node, "https://other.example");
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(refused.body()).contains("--rpc-cors-origins https://other.example");
      HttpResponse<String> posted =
          node.send(
              node.request()
                  .header("Origin", "https://app.example")
                  .POST(HttpRequest.BodyPublishers.ofString(call(1, "eth_chainId", "[]")))
                  .build());
      assertThat(posted.headers().firstValue("Access-Control-Allow-Origin"))
          .hasValue("https://app.example");
    }
  }

  private static HttpResponse<String> preflight(TestNode node, String origin) {
    return node.send(
        HttpRequest.newBuilder(node.uri())
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
            .build());
  }

  @Test
  void longRepliesAreZippedForWhoAsks() throws IOException {
    String block = call(1, "eth_getBlockByNumber", "[\"latest\",true]");
    String batch = "[" + (block + ",").repeat(9) + block + "]";
    try (TestNode node = new TestNode()) {
      assertThat(zipped(node, call(1, "eth_chainId", "[]")).headers().map())
          .doesNotContainKey("Content-Encoding");
      HttpResponse<InputStream> reply = zipped(node, batch);
      assertThat(reply.headers().firstValue("Content-Encoding")).hasValue("gzip");
      byte[] plain = new GZIPInputStream(reply.body()).readAllBytes();
      assertThat(new String(plain, StandardCharsets.UTF_8)).isEqualTo(node.post(batch).body());
    }
  }

  private static HttpResponse<InputStream> zipped(TestNode node, String body) {
    return node.send(
        node.request()
            .header("Accept-Encoding", "deflate, gzip")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofInputStream());
  }

  @Test
  void aGateStandsBeforePostsAndPages() throws Exception {
    AtomicReference<RuntimeException> refusal =
        new AtomicReference<>(new HttpResponseException(401, "not today", Map.of()));
    Gate gate =
        (request, reply) -> {
          if (refusal.get() != null) {
            throw refusal.get();
          }
          reply.put("X-Passed", "yes");
        };
    try (RpcServer server =
            RpcServer.start(
                RpcConfig.local(0),
                new Dispatcher(List.of(), MethodPolicy.ALL),
                gate,
                routes -> {});
        HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port()))
              .header("Content-Type", "application/json");
      HttpRequest page = request.copy().GET().build();
      String call = call(1, "rpc_modules", "[]");
      HttpRequest post = request.POST(HttpRequest.BodyPublishers.ofString(call)).build();
      for (HttpRequest each : List.of(page, post)) {
        HttpResponse<String> refused = http.send(each, HttpResponse.BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("not today");
      }
      refusal.set(new IllegalStateException("a bug"));
      for (HttpRequest each : List.of(page, post)) {
        HttpResponse<String> failed = http.send(each, HttpResponse.BodyHandlers.ofString());
        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(TestNode.json(failed.body()).at("/error/message").textValue())
            .isEqualTo("internal error");
      }
      refusal.set(null);
      for (HttpRequest each : List.of(page, post)) {
        HttpResponse<String> served = http.send(each, HttpResponse.BodyHandlers.ofString());
        assertThat(served.statusCode()).isEqualTo(200);
        assertThat(served.headers().firstValue("X-Passed")).hasValue("yes");
      }
    }
  }

  @Test
  void aBrowserPointedHereIsToldWhatThisIs() {
    try (TestNode node = new TestNode()) {
      HttpResponse<String> response = node.send(HttpRequest.newBuilder(node.uri()).build());
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(TestNode.json(response.body()).path("message").textValue())
          .contains("JSON-RPC 2.0", "rpc.discover");
    }
  }

  @Test
  void theOpenRpcDocumentNamesEveryMethodWithItsParameters() {
    try (TestNode node = new TestNode()) {
      JsonNode document = node.result("rpc.discover", "[]");
      assertThat(document.path("openrpc").textValue()).startsWith("1.");
      assertThat(document.path("methods").findValuesAsText("name"))
          .contains("eth_getBalance", "eth_subscribe", "debug_getRawBlock", "rpc_modules");
      for (JsonNode method : document.path("methods")) {
        if (method.path("name").textValue().equals("eth_getBalance")) {
          assertThat(method.path("params").get(0).path("name").textValue()).isEqualTo("address");
          assertThat(method.path("params").get(0).path("required").booleanValue()).isTrue();
          assertThat(method.path("params").get(1).path("required").booleanValue()).isFalse();
        }
      }
      assertThat(node.result("rpc_modules", "[]").path("eth").textValue()).isEqualTo("1.0");
    }
  }
}
