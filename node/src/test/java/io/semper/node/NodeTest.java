package io.semper.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.chain.db.StorageException;
import io.semper.node.account.DevAccounts;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkChoice;
import io.semper.node.config.NodeConfig;
import io.semper.node.config.RpcSettings;
import io.semper.rpc.MethodPolicy;
import io.semper.rpc.RpcConfig;
import io.semper.rpc.eth.EthSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A development node as its users see it.
class NodeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final NetworkChoice.Development CHAIN =
      new NetworkChoice.Development(1_700_000_000, 2);

  @TempDir private Path folder;
  private final HttpClient http = HttpClient.newHttpClient();

  private static NodeConfig config(Optional<DataDirectory> directory) {
    DevAccounts keys = DevAccounts.first(CHAIN.accounts());
    return new NodeConfig(
        CHAIN.network(),
        directory,
        Long.MAX_VALUE,
        new RpcSettings(RpcConfig.local(0), MethodPolicy.ALL, EthSettings.DEFAULT),
        "Semper/test",
        OptionalInt.empty(),
        Optional.of(new NodeConfig.Development(0, 30_000_000, keys)),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private HttpResponse<String> get(Node node, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + node.port() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private JsonNode call(Node node, String method, String params)
      throws IOException, InterruptedException {
    String body =
        """
        {"jsonrpc": "2.0", "id": 1, "method": "%s", "params": %s}\
        """
            .formatted(method, params);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.port()))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    JsonNode reply = JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
    assertThat(reply.has("error")).as(reply.toString()).isFalse();
    return reply.get("result");
  }

  private String sendOneWei(Node node) throws IOException, InterruptedException {
    JsonNode accounts = call(node, "eth_accounts", "[]");
    String transaction =
        """
        [{"from": %s, "to": %s, "value": "0x1"}]\
        """
            .formatted(accounts.get(0), accounts.get(1));
    return call(node, "eth_sendTransaction", transaction).asText();
  }

  /// Sealing happens on another thread: asks until it has.
  private JsonNode receipt(Node node, String hash) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    JsonNode receipt = call(node, "eth_getTransactionReceipt", "[\"" + hash + "\"]");
    while (receipt.isNull() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
      receipt = call(node, "eth_getTransactionReceipt", "[\"" + hash + "\"]");
    }
    return receipt;
  }

  @Test
  void sealsWhatItIsSentAndSaysHowItIs() throws Exception {
    try (Node node = Node.start(config(Optional.empty()))) {
      JsonNode receipt = receipt(node, sendOneWei(node));
      assertThat(receipt.path("status").asText()).isEqualTo("0x1");
      assertThat(receipt.path("blockNumber").asText()).isEqualTo("0x1");
      assertThat(call(node, "web3_clientVersion", "[]").asText()).isEqualTo("Semper/test");

      assertThat(get(node, "/health/live").statusCode()).isEqualTo(200);
      assertThat(get(node, "/health/ready").statusCode()).isEqualTo(200);
      String metrics = get(node, "/metrics").body();
      assertThat(metrics)
          .contains("semper_head_block_number 1.0")
          .contains("semper_rpc_requests_total{method=\"eth_sendTransaction\",outcome=\"ok\"} 1.0");

      node.stopping();
      HttpResponse<String> ready = get(node, "/health/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("the node is stopping");
    }
  }

  @Test
  void keepsItsChainInItsDirectory() throws Exception {
    DataDirectory directory = new DataDirectory(folder);
    directory.remember(CHAIN);
    assertThat(directory.remembered()).contains(CHAIN);
    String hash;
    try (Node node = Node.start(config(Optional.of(directory)))) {
      hash = sendOneWei(node);
      assertThat(receipt(node, hash).isNull()).isFalse();
      assertThatThrownBy(() -> Node.start(config(Optional.of(directory))))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("is in use");
    }
    try (Node node = Node.start(config(Optional.of(directory)))) {
      assertThat(node.ledger().head().number()).isEqualTo(1);
      assertThat(receipt(node, hash).path("blockNumber").asText()).isEqualTo("0x1");
    }
  }
}
