package io.semper.lightclient;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.semper.core.fixtures.Fixtures;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import io.semper.lightclient.beacon.ConsensusNetwork;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/// A small Ethereum at Fulu and Osaka, recorded from Prysm over go-ethereum: what both said over
/// REST and JSON-RPC, served again as of any slot.
final class RecordedEthereum implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String REST = "/eth/v1/beacon/light_client/";

  /// The slot it is.
  final AtomicLong slot = new AtomicLong();

  private final Map<String, byte[]> files = new HashMap<>();
  private final TreeMap<Long, JsonNode> heads = new TreeMap<>();
  private final Map<String, JsonNode> byHash = new HashMap<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  RecordedEthereum() throws IOException {
    Fixtures.readArchive(
        "light-devnet.tar.xz",
        name -> true,
        (name, content) -> files.put(name.substring(name.indexOf('/') + 1), content));
    for (Map.Entry<String, byte[]> each : files.entrySet()) {
      if (each.getKey().startsWith("proofs-")) {
        long at = Long.parseLong(each.getKey().replaceAll("\\D", ""));
        JsonNode head = JSON.readTree(each.getValue());
        heads.put(at, head);
        byHash.put(head.get("blockHash").textValue(), head);
      }
    }
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(REST, this::rest);
    server.createContext("/rpc", this::rpc);
    server.start();
  }

  Network network() {
    return Genesis.read(files.get("genesis.json"));
  }

  ConsensusNetwork consensus() throws IOException {
    return ConsensusNetwork.read(consensusConfig(genesisSeconds()));
  }

  /// The beacon chain's specification.
  ///
  /// @param genesis seconds since 1970
  byte[] consensusConfig(long genesis) throws IOException {
    ObjectNode spec = (ObjectNode) JSON.readTree(files.get("spec.json"));
    JsonNode data = JSON.readTree(files.get("beacon-genesis.json")).get("data");
    ((ObjectNode) spec.get("data"))
        .put("GENESIS_TIME", Long.toString(genesis))
        .set("GENESIS_VALIDATORS_ROOT", data.get("genesis_validators_root"));
    return JSON.writeValueAsBytes(spec);
  }

  long genesisSeconds() throws IOException {
    return JSON.readTree(files.get("beacon-genesis.json")).at("/data/genesis_time").asLong();
  }

  byte[] file(String name) {
    return files.get(name);
  }

  /// Slots of heads whose blocks and proofs were recorded, and what was.
  TreeMap<Long, JsonNode> heads() {
    return heads;
  }

  URI rest() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  URI rpc() {
    return rest().resolve("/rpc");
  }

  private void rest(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath().substring(REST.length());
      boolean ssz = exchange.getRequestHeaders().getFirst("Accept").contains("octet-stream");
      if (path.startsWith("bootstrap/") && ssz && slot.get() % 2 == 0) {
        exchange.getResponseHeaders().add("Eth-Consensus-Version", "fulu");
        send(exchange, files.get("bootstrap.ssz"), "application/octet-stream");
      } else {
        byte[] body =
            path.startsWith("bootstrap/")
                ? files.get("bootstrap.json")
                : newest(path.startsWith("updates") ? "updates" : path.replace("_update", ""));
        send(exchange, body, "application/json; charset=utf-8");
      }
    }
  }

  /// The newest of a kind that had been signed by now.
  private byte[] newest(String kind) throws IOException {
    byte[] found = null;
    long best = -1;
    for (Map.Entry<String, byte[]> each : files.entrySet()) {
      if (each.getKey().startsWith(kind + "-")) {
        JsonNode reply = JSON.readTree(each.getValue());
        long signed = (reply.isArray() ? reply.get(0) : reply).at("/data/signature_slot").asLong();
        if (signed <= slot.get() && signed > best) {
          best = signed;
          found = each.getValue();
        }
      }
    }
    return found;
  }

  private void send(HttpExchange exchange, byte[] body, String type) throws IOException {
    if (body == null) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(200, body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private void rpc(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode request = JSON.readTree(exchange.getRequestBody());
      JsonNode reply;
      if (request.isArray()) {
        ArrayNode all = JSON.createArrayNode();
        request.forEach(each -> all.add(answer(each)));
        reply = all;
      } else {
        reply = answer(request);
      }
      byte[] body = reply.toString().getBytes(StandardCharsets.UTF_8);
      send(exchange, body, "application/json");
    }
  }

  private ObjectNode answer(JsonNode request) {
    ObjectNode reply = JSON.createObjectNode().put("jsonrpc", "2.0");
    reply.set("id", request.get("id"));
    JsonNode params = request.get("params");
    JsonNode result =
        switch (request.get("method").textValue()) {
          case "eth_getBlockByHash" -> block(params.get(0).textValue());
          case "eth_getProof" -> proof(params);
          default -> null;
        };
    if (result == null) {
      reply.putObject("error").put("code", -32000).put("message", "not recorded");
    } else {
      reply.set("result", result);
    }
    return reply;
  }

  private JsonNode block(String hash) {
    JsonNode head = byHash.get(hash);
    return head == null ? NullNode.getInstance() : head.get("block");
  }

  private JsonNode proof(JsonNode params) {
    JsonNode head = byHash.get(params.get(2).get("blockHash").textValue());
    if (head == null) {
      return null;
    }
    for (JsonNode each : head.get("proofs")) {
      if (each.get("address").textValue().equalsIgnoreCase(params.get(0).textValue())) {
        ObjectNode answer = each.deepCopy();
        List<JsonNode> slots = new ArrayList<>();
        each.get("storageProof").forEach(slots::add);
        ArrayNode wanted = answer.putArray("storageProof");
        slots.stream().limit(params.get(1).size()).forEach(wanted::add);
        return answer;
      }
    }
    return null;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
