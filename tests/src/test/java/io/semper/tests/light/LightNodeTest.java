package io.semper.tests.light;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.semper.node.config.RpcSettings;
import io.semper.node.light.LightConfig;
import io.semper.node.light.LightNode;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.eth.EthSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The light client as a daemon, as a dapp meets it.
class LightNodeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PATIENCE_SECONDS = 30;

  /// What one question takes to which nobody answers.
  private static final int REQUESTS_BEFORE_GIVING_UP = 5;

  private static final String SUBSCRIBE =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]}";

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final List<WebSocket> sockets = new ArrayList<>();
  private SealedNetwork network;
  private LightNode node;
  private URI full;
  private URI url;

  @BeforeEach
  void start() throws IOException {
    network = new SealedNetwork(4);
    network.seal(3);
    full = network.serve();
    node = light(full);
    url = URI.create("http://127.0.0.1:" + node.port());
  }

  private LightNode light(URI upstream) {
    return LightNode.start(
        new LightConfig(
            network.network(),
            Optional.empty(),
            List.of(upstream),
            Optional.empty(),
            Set.of(),
            86_400,
            new RpcSettings(
                new RpcConfig("127.0.0.1", 0, Set.of(), Set.of(), true, "light", RpcLimits.DEFAULT),
                new MethodPolicy(Set.of(), Set.of()),
                EthSettings.DEFAULT),
            "light"));
  }

  @AfterEach
  void stop() {
    sockets.forEach(WebSocket::abort);
    node.close();
    network.close();
  }

  /// Messages of one connection, in order.
  private static final class Listener implements WebSocket.Listener {
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final StringBuilder message = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        messages.add(message.toString());
        message.setLength(0);
      }
      socket.request(1);
      return null;
    }

    JsonNode next() throws Exception {
      String text = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(text).as("a message in time").isNotNull();
      return JSON.readTree(text);
    }
  }

  /// A connection that breaks takes its subscriptions with it; who connects again and subscribes
  /// again hears every head from then on, once.
  @Test
  void headsAreHeardAgainAfterAConnectionBroke() throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      for (int connection = 0; connection < 3; connection++) {
        Listener listener = new Listener();
        WebSocket socket =
            http.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + node.port()), listener)
                .join();
        socket.sendText(SUBSCRIBE, true).join();
        String id = listener.next().get("result").textValue();
        for (int block = 0; block < 2; block++) {
          String sealed = network.seal().header().hash().toString();
          JsonNode told = listener.next().get("params");
          assertThat(told.get("subscription").textValue()).isEqualTo(id);
          assertThat(told.get("result").get("hash").textValue()).isEqualTo(sealed);
        }
        assertThat(listener.messages).isEmpty();
        socket.abort();
      }
    }
  }

  private Listener subscribe(int port) throws Exception {
    Listener listener = new Listener();
    WebSocket socket =
        HTTP.newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + port), listener)
            .join();
    sockets.add(socket);
    socket.sendText(SUBSCRIBE, true).join();
    assertThat(listener.next().get("result").textValue()).startsWith("0x");
    return listener;
  }

  /// The blocks from `first` to the head are heard, each once and in their order.
  private void hears(Listener listener, long first) throws Exception {
    for (long number = first; number <= network.ledger().head().number(); number++) {
      JsonNode told = listener.next().get("params").get("result");
      assertThat(Long.decode(told.get("number").textValue())).isEqualTo(number);
      assertThat(told.get("hash").textValue())
          .isEqualTo(network.ledger().header(number).orElseThrow().hash().toString());
    }
    assertThat(listener.messages).isEmpty();
  }

  /// Blocks come faster than either looks for them; one of the two is started anew meanwhile.
  @Test
  void twoBehindOneFullNodeMissNoHead() throws Exception {
    LightNode other = light(full);
    try {
      Listener steady = subscribe(node.port());
      for (int round = 0; round < 3; round++) {
        Listener rolled = subscribe(other.port());
        long next = network.ledger().head().number() + 1;
        network.seal(5);
        hears(steady, next);
        hears(rolled, next);
        other.close();
        network.seal(2);
        hears(steady, next + 5);
        other = light(full);
        EquivalenceTest.awaitHead(URI.create("http://127.0.0.1:" + other.port()), network);
      }
    } finally {
      other.close();
    }
  }

  /// A full node that for a while shows its newest block only.
  @Test
  void headsWhoseWayWasOutOfReachAreHeardLater() throws Exception {
    AtomicBoolean broken = new AtomicBoolean();
    AtomicInteger refused = new AtomicInteger();
    HttpServer proxy = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    proxy.createContext(
        "/",
        exchange -> {
          String request = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          if (broken.get() && !request.contains("latest")) {
            refused.incrementAndGet();
            exchange.sendResponseHeaders(500, -1);
          } else {
            byte[] reply = JsonRpc.post(full, request).body().getBytes(UTF_8);
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
          }
          exchange.close();
        });
    proxy.start();
    URI before = URI.create("http://127.0.0.1:" + proxy.getAddress().getPort());
    try (LightNode behind = light(before)) {
      Listener listener = subscribe(behind.port());
      broken.set(true);
      network.seal(2);
      for (int i = 0; i < 20 && refused.get() < 2 * REQUESTS_BEFORE_GIVING_UP; i++) {
        network.seal();
        EquivalenceTest.awaitHead(URI.create("http://127.0.0.1:" + behind.port()), network);
      }
      assertThat(refused.get()).isGreaterThanOrEqualTo(REQUESTS_BEFORE_GIVING_UP);
      broken.set(false);
      network.seal();
      hears(listener, 4);
    } finally {
      proxy.stop(0);
    }
  }

  @Test
  void whatNobodyProvesIsRefusedAndWhatIsSaidHasAProvenance() {
    JsonNode refused = JsonRpc.reply(url, "txpool_content", "[]").get("error");
    assertThat(refused.get("message").textValue()).contains("cannot verify");
    var reply =
        JsonRpc.post(
            url, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_blockNumber\",\"params\":[]}");
    assertThat(reply.body()).contains("\"0x3\"");
    String head = network.ledger().head().hash().toString();
    assertThat(reply.headers().firstValue("Semper-Provenance").orElseThrow())
        .startsWith("block=3; hash=" + head);
    JsonNode provenance = JsonRpc.reply(url, "semper_provenance", "[]").get("result");
    assertThat(provenance.get("lies")).isEmpty();
    assertThat(provenance.get("upstreams")).hasSize(1);
  }
}
