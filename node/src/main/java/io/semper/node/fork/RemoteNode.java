package io.semper.node.fork;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.rpc.RpcException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Another node, asked over JSON-RPC. Blocks its callers until it has answered; what fails on the
/// way is tried again a few times. Failures are [RpcException]s that name the node.
final class RemoteNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteNode.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Of one reply; a block of mainnet with its receipts has a few million bytes.
  private static final long MAX_REPLY_BYTES = 128L << 20;

  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(45);
  private static final int ATTEMPTS = 4;

  /// Before the second attempt; doubles with each further one.
  private static final long RETRY_MILLIS = 250;

  private final URI url;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();

  /// One call.
  record Call(String method, Object... params) {}

  /// @throws RpcException where the address is none
  RemoteNode(String address) {
    try {
      url = URI.create(address);
    } catch (IllegalArgumentException none) {
      throw RpcException.invalidParams("not the address of a node: " + address);
    }
    if (url.getHost() == null || !List.of("http", "https").contains(url.getScheme())) {
      throw RpcException.invalidParams("not the address of a node over HTTP: " + address);
    }
  }

  String address() {
    return url.toString();
  }

  JsonNode call(String method, Object... params) {
    return call(List.of(new Call(method, params))).getFirst();
  }

  /// Several calls in one request; results in their order.
  List<JsonNode> call(List<Call> calls) {
    byte[] body = body(calls);
    long pause = RETRY_MILLIS;
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<byte[]> reply = send(body);
        if (reply.statusCode() == 200) {
          return results(calls, parse(reply.body()));
        }
        if (attempt == ATTEMPTS || reply.statusCode() != 429 && reply.statusCode() < 500) {
          throw failure("HTTP status " + reply.statusCode());
        }
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw failure(e.toString());
        }
        LOG.debug("asking {} again", url, e);
      }
      pause(pause);
      pause *= 2;
    }
  }

  private static byte[] body(List<Call> calls) {
    ArrayNode batch = JSON.createArrayNode();
    for (int i = 0; i < calls.size(); i++) {
      ObjectNode request = batch.addObject().put("jsonrpc", "2.0").put("id", i);
      request.put("method", calls.get(i).method());
      ArrayNode params = request.putArray("params");
      for (Object param : calls.get(i).params()) {
        params.addPOJO(param instanceof Boolean ? param : param.toString());
      }
    }
    try {
      return JSON.writeValueAsBytes(calls.size() == 1 ? batch.get(0) : batch);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private HttpResponse<byte[]> send(byte[] body) throws IOException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(ANSWER)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    try {
      return http.send(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_REPLY_BYTES));
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw failure("interrupted");
    }
  }

  private JsonNode parse(byte[] body) {
    try {
      JsonNode reply = JSON.readTree(body);
      if (reply.isObject() || reply.isArray()) {
        return reply;
      }
    } catch (JsonProcessingException malformed) {
      throw failure("no JSON: " + malformed.getOriginalMessage());
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
    throw failure("no JSON-RPC reply");
  }

  private List<JsonNode> results(List<Call> calls, JsonNode reply) {
    JsonNode[] results = new JsonNode[calls.size()];
    if (calls.size() == 1 || !reply.isArray()) {
      results[0] = result(calls.getFirst(), reply);
    } else {
      for (JsonNode each : reply) {
        int id = each.path("id").asInt(-1);
        if (id >= 0 && id < results.length) {
          results[id] = result(calls.get(id), each);
        }
      }
    }
    List<JsonNode> all = new ArrayList<>();
    for (int i = 0; i < results.length; i++) {
      if (results[i] == null) {
        throw failure(calls.get(i).method() + " was not answered");
      }
      all.add(results[i]);
    }
    return all;
  }

  private JsonNode result(Call call, JsonNode reply) {
    if (reply.hasNonNull("error")) {
      throw failure(call.method() + ": " + reply.get("error").path("message").asText());
    }
    if (!reply.has("result")) {
      throw failure(call.method() + " was answered without a result");
    }
    return reply.get("result");
  }

  private void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      throw failure("interrupted");
    }
  }

  /// A failure to get or to understand an answer.
  RpcException failure(String what) {
    return RpcException.server("forked node " + url.getHost() + ": " + what);
  }

  @Override
  public void close() {
    http.shutdownNow();
    http.close();
  }
}
