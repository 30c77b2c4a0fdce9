package io.semper.tests.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Who is let in at the Engine API's port, and what is served at which port.
class EngineAuthTest {
  private static final String HS256 = "{\"typ\":\"JWT\",\"alg\":\"HS256\"}";
  private static EngineNode node;

  @BeforeAll
  static void start() {
    node = new EngineNode(EngineNode.osaka());
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String claims(long secondsFromNow) {
    return "{\"iat\":" + (System.currentTimeMillis() / 1000 + secondsFromNow) + "}";
  }

  private static String token(String header, String claims) {
    return EngineNode.token(EngineNode.SECRET, header, claims);
  }

  private static HttpResponse<String> ask(String authorization) {
    String request = EngineNode.request("engine_exchangeCapabilities", (Object) new String[0]);
    return node.post(node.node.enginePort().orElseThrow(), request, authorization);
  }

  @Test
  void freshTokensOfTheSecretAreLetIn() {
    for (String claims :
        new String[] {
          claims(0),
          claims(-55),
          claims(55),
          claims(0).replace("}", ",\"id\":\"cl\",\"clv\":\"x/1\",\"exp\":99999999999}")
        }) {
      assertThat(ask("Bearer " + token(HS256, claims)).statusCode()).as(claims).isEqualTo(200);
    }
  }

  @Test
  void nobodyElseIs() {
    String fresh = token(HS256, claims(0));
    String[] parts = fresh.split("\\.");
    byte[] other = EngineNode.SECRET.clone();
    other[31] ^= 1;
    Map<String, String> refused = new LinkedHashMap<>();
    refused.put("no header", null);
    refused.put("no scheme", fresh);
    refused.put("another scheme", "Basic " + fresh);
    refused.put("another secret", "Bearer " + EngineNode.token(other, HS256, claims(0)));
    refused.put("too old", "Bearer " + token(HS256, claims(-75)));
    refused.put("of the future", "Bearer " + token(HS256, claims(75)));
    refused.put("no time", "Bearer " + token(HS256, "{}"));
    refused.put("time as text", "Bearer " + token(HS256, claims(0).replaceAll("(\\d+)", "\"$1\"")));
    refused.put("expired", "Bearer " + token(HS256, claims(0).replace("}", ",\"exp\":1}")));
    refused.put("no signature", "Bearer " + parts[0] + "." + parts[1] + ".");
    refused.put("no third part", "Bearer " + parts[0] + "." + parts[1]);
    refused.put("a fourth part", "Bearer " + fresh + ".x");
    refused.put("half a signature", "Bearer " + fresh.substring(0, fresh.length() - 21));
    refused.put("not base64", "Bearer a$.b$.c$");
    refused.put("empty", "Bearer ..");
    String[] unsigned = token("{\"alg\":\"none\"}", claims(0)).split("\\.");
    refused.put("algorithm none, unsigned", "Bearer " + unsigned[0] + "." + unsigned[1] + ".");
    refused.put("algorithm none", "Bearer " + token("{\"alg\":\"none\"}", claims(0)));
    refused.put("algorithm RS256", "Bearer " + token("{\"alg\":\"RS256\"}", claims(0)));
    refused.put("no algorithm", "Bearer " + token("{\"typ\":\"JWT\"}", claims(0)));
    refused.put("header is no object", "Bearer " + token("[]", claims(0)));
    refused.put("much too long", "Bearer " + token(HS256, claims(0).replace("}", pad()) + "}"));
    refused.forEach((what, authorization) -> {
      HttpResponse<String> response = ask(authorization);
      assertThat(response.statusCode()).as(what).isEqualTo(401);
      assertThat(response.body()).as(what).contains("error").doesNotContain("result");
    });
  }

  private static String pad() {
    return ",\"x\":\"" + "y".repeat(3500) + "\"";
  }

  @Test
  void aWebSocketIsAskedOnOpening() {
    URI uri = URI.create("ws://127.0.0.1:" + node.node.enginePort().orElseThrow() + "/");
    try (HttpClient http = HttpClient.newHttpClient()) {
      WebSocket.Listener silent = new WebSocket.Listener() {};
      assertThatThrownBy(() -> http.newWebSocketBuilder().buildAsync(uri, silent).join())
          .isInstanceOf(CompletionException.class);
      WebSocket open =
          http.newWebSocketBuilder()
              .header("Authorization", "Bearer " + EngineNode.freshToken())
              .buildAsync(uri, silent)
              .join();
      assertThat(open.isInputClosed()).isFalse();
      open.abort();
    }
  }

  @Test
  void theConsensusClientIsServedWhatItNeedsAndNobodyElseTheEngine() {
    String head = node.network.genesisHash().toString();
    assertThat(node.engine("eth_chainId").textValue()).isEqualTo("0x7a69");
    assertThat(node.engine("eth_blockNumber").textValue()).isEqualTo("0x0");
    assertThat(node.engine("eth_syncing").booleanValue()).isFalse();
    assertThat(node.engine("eth_getBlockByHash", head, false).get("hash").textValue())
        .isEqualTo(head);
    assertThat(node.engine("eth_getBlockByNumber", "latest", false).get("hash").textValue())
        .isEqualTo(head);
    assertThat(node.engine("eth_getLogs", Map.of("blockHash", head))).isEmpty();
    assertThat(node.engine("eth_getCode", EngineNode.FEE_RECIPIENT, "latest").textValue())
        .isEqualTo("0x");
    assertThat(
            node.engine("eth_call", Map.of("to", EngineNode.FEE_RECIPIENT), "latest").textValue())
        .isEqualTo("0x");

    String request = EngineNode.request("engine_exchangeCapabilities", (Object) new String[0]);
    String reply = node.post(node.node.port(), request, null).body();
    assertThat(reply).contains("-32601");
    JsonNode debug = node.engineReply("debug_getRawBlock", "latest");
    assertThat(debug.get("error").get("code").intValue()).isEqualTo(-32601);
  }
}
