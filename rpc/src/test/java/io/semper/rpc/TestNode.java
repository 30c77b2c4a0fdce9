package io.semper.rpc;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.rpc.eth.AccountSigner;
import io.semper.rpc.eth.EthMethods;
import io.semper.rpc.eth.EthSettings;
import io.semper.rpc.eth.NodeStatus;
import io.semper.rpc.ledger.DevAccount;
import io.semper.rpc.ledger.MemoryChain;
import io.semper.rpc.ledger.MemoryPool;
import io.semper.rpc.trace.TraceLimits;
import io.semper.rpc.trace.TraceMethods;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A server over a chain in memory, asked through real HTTP.
final class TestNode implements AutoCloseable {
  static final ObjectMapper MAPPER = new ObjectMapper();
  static final DevAccount ALICE = DevAccount.numbered(1);
  static final Address BOB = DevAccount.numbered(2).address();
  static final UInt256 RICH = UInt256.of(1_000_000_000_000_000_000L);

  final MemoryChain chain = new MemoryChain(Map.of(ALICE.address(), RICH));
  final MemoryPool pool = new MemoryPool(chain);
  final HttpClient http = HttpClient.newHttpClient();
  final RpcServer server;

  /// What the node says of its synchronisation.
  volatile Optional<NodeStatus.SyncProgress> syncing = Optional.empty();

  private final EthMethods methods;

  TestNode() {
    this(RpcConfig.local(0), EthSettings.DEFAULT, MethodPolicy.ALL, Optional.empty());
  }

  TestNode(RpcLimits limits) {
    this(
        new RpcConfig("127.0.0.1", 0, Set.of(), Set.of(), true, "Semper", limits),
        EthSettings.DEFAULT,
        MethodPolicy.ALL,
        Optional.empty());
  }

  TestNode(RpcLimits limits, EthSettings settings, TraceLimits traces) {
    this(
        new RpcConfig("127.0.0.1", 0, Set.of(), Set.of(), true, "Semper", limits),
        settings,
        MethodPolicy.ALL,
        Optional.empty(),
        traces);
  }

  TestNode(
      RpcConfig config, EthSettings settings, MethodPolicy policy, Optional<AccountSigner> signer) {
    this(config, settings, policy, signer, TraceLimits.DEFAULT);
  }

  private TestNode(
      RpcConfig config,
      EthSettings settings,
      MethodPolicy policy,
      Optional<AccountSigner> signer,
      TraceLimits traces) {
    methods = new EthMethods(chain, pool, new Status(), settings, config.limits(), signer);
    List<Object> handlers = new ArrayList<>(methods.handlers());
    handlers.addAll(new TraceMethods(chain, methods, chain.replay(), traces).handlers());
    server =
        RpcServer.start(
            config, Dispatcher.ofLocalChain(handlers, policy, (method, nanos, failed) -> {}, pool));
  }

  private final class Status implements NodeStatus {
    @Override
    public String clientVersion() {
      return "Semper/test";
    }

    @Override
    public UInt256 networkId() {
      return MemoryChain.CHAIN_ID;
    }

    @Override
    public boolean listening() {
      return true;
    }

    @Override
    public int peerCount() {
      return 0;
    }

    @Override
    public Optional<SyncProgress> syncing() {
      return syncing;
    }
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.port() + "/");
  }

  HttpRequest.Builder request() {
    return HttpRequest.newBuilder(uri()).header("Content-Type", "application/json");
  }

  HttpResponse<String> post(String body) {
    return send(request().POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  HttpResponse<String> send(HttpRequest request) {
    return send(request, BodyHandlers.ofString());
  }

  <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> body) {
    try {
      return http.send(request, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The whole reply to a call with these parameters, written as JSON.
  JsonNode reply(String method, String params) {
    String body =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":" + params + "}";
    return json(post(body).body());
  }

  /// Its result, which there must be.
  JsonNode result(String method, String params) {
    JsonNode reply = reply(method, params);
    if (!reply.has("result")) {
      throw new AssertionError(method + params + " answered " + reply);
    }
    return reply.get("result");
  }

  /// Its error, which there must be.
  JsonNode error(String method, String params) {
    JsonNode reply = reply(method, params);
    if (!reply.has("error")) {
      throw new AssertionError(method + params + " answered " + reply);
    }
    return reply.get("error");
  }

  static JsonNode json(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException("not JSON: " + text, e);
    }
  }

  @Override
  public void close() {
    server.close();
    methods.close();
    http.close();
  }
}
