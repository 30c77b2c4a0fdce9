package io.semper.tests.light;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/// Calls of a JSON-RPC server.
final class JsonRpc {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private JsonRpc() {}

  /// @param body a whole request
  static HttpResponse<String> post(URI url, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(ANSWER)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    try {
      return HTTP.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The whole reply, without its `id`.
  ///
  /// @param params a JSON array
  static JsonNode reply(URI url, String method, String params) {
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
    try {
      return JSON.readTree(post(url, body).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode result(URI url, String method, String params) {
    JsonNode reply = reply(url, method, params);
    if (!reply.has("result")) {
      throw new IllegalStateException(method + params + ": " + reply);
    }
    return reply.get("result");
  }
}
