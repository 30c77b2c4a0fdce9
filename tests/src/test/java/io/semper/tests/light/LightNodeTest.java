package io.semper.tests.light;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.node.config.RpcSettings;
import io.semper.node.light.LightConfig;
import io.semper.node.light.LightNode;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.RpcLimits;
import io.semper.rpc.eth.EthSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The light client as a daemon, as a dapp meets it.
class LightNodeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long PATIENCE_SECONDS = 30;
  private static final String SUBSCRIBE =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]}";

  private SealedNetwork network;
  private LightNode node;
  private URI url;

  @BeforeEach
  void start() throws IOException {
    network = new SealedNetwork(4);
    network.seal(3);
    node =
        LightNode.start(
            new LightConfig(
                network.network(),
                Optional.empty(),
                List.of(network.serve()),
                Optional.empty(),
                Set.of(),
                86_400,
                new RpcSettings(
                    new RpcConfig(
                        "127.0.0.1", 0, Set.of(), Set.of(), true, "light", RpcLimits.DEFAULT),
                    new MethodPolicy(Set.of(), Set.of()),
                    EthSettings.DEFAULT),
                "light"));
    url = URI.create("http://127.0.0.1:" + node.port());
  }

  @AfterEach
  void stop() {
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
