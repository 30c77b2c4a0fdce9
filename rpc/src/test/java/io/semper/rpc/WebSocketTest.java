package io.semper.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hex;
import io.semper.core.types.Block;
import io.semper.core.types.Transaction;
import io.semper.rpc.eth.NodeStatus;
import io.semper.rpc.ledger.DevAccount;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Subscriptions and the life of WebSocket connections.
final class WebSocketTest {
  private static final DevAccount ALICE = TestNode.ALICE;
  private static final String CLOSED = "closed ";
  private static final byte PING = (byte) 0x89;
  private static final byte PONG = (byte) 0x8a;

  /// A connected client: messages, and how the connection ended, in the order received.
  static final class Client implements WebSocket.Listener, AutoCloseable {
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final StringBuilder part = new StringBuilder();
    private final WebSocket socket;

    Client(TestNode node) {
      URI uri = URI.create("ws://127.0.0.1:" + node.server.port() + "/");
      socket = node.http.newWebSocketBuilder().buildAsync(uri, this).join();
    }

    @Override
    public CompletionStage<?> onText(WebSocket ws, CharSequence data, boolean last) {
      part.append(data);
      if (last) {
        received.add(part.toString());
        part.setLength(0);
      }
      ws.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket ws, int code, String reason) {
      received.add(CLOSED + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket ws, Throwable error) {
      received.add(CLOSED + "by " + error);
    }

    String next() throws InterruptedException {
      String message = received.poll(60, TimeUnit.SECONDS);
      assertThat(message).as("a message within 60 s").isNotNull();
      return message;
    }

    JsonNode ask(String method, String params) throws InterruptedException {
      send(method, params);
      return TestNode.json(next());
    }

    void send(String method, String params) {
      socket
          .sendText(
              "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\""
                  + method
                  + "\",\"params\":"
                  + params
                  + "}",
              true)
          .join();
    }

    String subscribe(String params) throws InterruptedException {
      JsonNode reply = ask("eth_subscribe", params);
      assertThat(reply.has("result")).as(reply.toString()).isTrue();
      return reply.path("result").textValue();
    }

    /// The next notification, which must belong to this subscription.
    JsonNode notified(String subscription) throws InterruptedException {
      JsonNode message = TestNode.json(next());
      assertThat(message.path("method").textValue()).isEqualTo("eth_subscription");
      assertThat(message.at("/params/subscription").textValue()).isEqualTo(subscription);
      return message.at("/params/result");
    }

    @Override
    public void close() {
      socket.abort();
    }
  }

  @Test
  void callsAndBatchesWorkAsOverHttp() throws Exception {
    try (TestNode node = new TestNode();
        Client client = new Client(node)) {
      assertThat(client.ask("eth_chainId", "[]").path("result").textValue()).isEqualTo("0x539");
      client.socket.sendText("{nonsense", true).join();
      assertThat(TestNode.json(client.next()).at("/error/code").intValue()).isEqualTo(-32700);
      client.socket.sendText("[{\"jsonrpc\":\"2.0\",\"id\":1,", false).join();
      client.socket.sendText("\"method\":\"net_version\"},1]", true).join();
      assertThat(TestNode.json(client.next())).hasSize(2);
    }
  }

  @Test
  void newHeadsAreToldInOrderAndReorganisationsReplayTheNewBranch() throws Exception {
    try (TestNode node = new TestNode();
        Client client = new Client(node)) {
      String heads = client.subscribe("[\"newHeads\"]");
      Block one = node.chain.add();
      assertThat(client.notified(heads).path("hash").textValue())
          .isEqualTo(one.header().hash().toString());
      Block two = node.chain.add();
      assertThat(client.notified(heads).path("number").textValue()).isEqualTo("0x2");
      Block otherTwo = node.chain.addOn(one.header(), 5);
      node.chain.addOn(otherTwo.header(), 0);
      assertThat(client.notified(heads).path("hash").textValue())
          .isEqualTo(otherTwo.header().hash().toString())
          .isNotEqualTo(two.header().hash().toString());
      assertThat(client.notified(heads).path("number").textValue()).isEqualTo("0x3");
      assertThat(client.ask("eth_unsubscribe", "[\"" + heads + "\"]").path("result").asBoolean())
          .isTrue();
      node.chain.add();
      assertThat(client.ask("eth_blockNumber", "[]").path("result").textValue()).isEqualTo("0x4");
      assertThat(
              client.ask("eth_unsubscribe", "[\"" + heads + "\"]").at("/error/message").textValue())
          .isEqualTo("subscription not found");
    }
  }

  @Test
  void logsComeAndAreTakenBack() throws Exception {
    try (TestNode node = new TestNode();
        Client client = new Client(node)) {
      Block base = node.chain.add(ALICE.deploy(0, DevAccount.LOGGER));
      Address logger =
          Address.of(
              node.result("eth_getBlockReceipts", "[\"latest\"]")
                  .get(0)
                  .path("contractAddress")
                  .textValue());
      String logs = client.subscribe("[\"logs\",{\"address\":\"" + logger + "\"}]");
      node.chain.add(ALICE.call(1, logger, new byte[0]));
      assertThat(client.notified(logs).path("removed").booleanValue()).isFalse();
      Block other = node.chain.addOn(base.header(), 3);
      node.chain.addOn(other.header(), 0, ALICE.call(1, logger, new byte[0]));
      JsonNode removed = client.notified(logs);
      assertThat(removed.path("removed").booleanValue()).isTrue();
      assertThat(removed.path("blockNumber").textValue()).isEqualTo("0x2");
      JsonNode again = client.notified(logs);
      assertThat(again.path("removed").booleanValue()).isFalse();
      assertThat(again.path("blockNumber").textValue()).isEqualTo("0x3");
    }
  }

  @Test
  void pendingTransactionsAreToldByHashOrWhole() throws Exception {
    try (TestNode node = new TestNode();
        Client hashes = new Client(node);
        Client whole = new Client(node)) {
      String byHash = hashes.subscribe("[\"newPendingTransactions\"]");
      String full = whole.subscribe("[\"newPendingTransactions\",true]");
      Transaction transfer = ALICE.transfer(0, TestNode.BOB, 1);
      node.result("eth_sendRawTransaction", "[\"" + Hex.encode(transfer.encode()) + "\"]");
      assertThat(hashes.notified(byHash).textValue()).isEqualTo(transfer.hash().toString());
      assertThat(whole.notified(full).path("from").textValue())
          .isEqualTo(ALICE.address().toString());
    }
  }

  @Test
  void receiptsComeForTheTransactionsNamed() throws Exception {
    try (TestNode node = new TestNode();
        Client client = new Client(node)) {
      Transaction second = ALICE.transfer(1, TestNode.BOB, 1);
      String receipts =
          client.subscribe(
              "[\"transactionReceipts\",{\"transactionHashes\":[\"" + second.hash() + "\"]}]");
      node.chain.add(ALICE.transfer(0, TestNode.BOB, 1));
      node.chain.add(second);
      JsonNode told = client.notified(receipts);
      assertThat(told).hasSize(1);
      assertThat(told.get(0).path("transactionHash").textValue())
          .isEqualTo(second.hash().toString());
    }
  }

  @Test
  void synchronisationIsToldWhenItBeginsAndEnds() throws Exception {
    try (TestNode node = new TestNode();
        Client client = new Client(node)) {
      assertThat(node.result("eth_syncing", "[]").booleanValue()).isFalse();
      String id = client.subscribe("[\"syncing\"]");
      node.syncing = Optional.of(new NodeStatus.SyncProgress(0, 1, 9));
      node.chain.add(ALICE.transfer(0, TestNode.BOB, 1));
      JsonNode begun = client.notified(id);
      assertThat(begun.path("syncing").booleanValue()).isTrue();
      assertThat(begun.at("/status/highestBlock").textValue()).isEqualTo("0x9");
      assertThat(node.result("eth_syncing", "[]")).isEqualTo(begun.path("status"));
      node.chain.add(ALICE.transfer(1, TestNode.BOB, 1));
      node.syncing = Optional.empty();
      node.chain.add(ALICE.transfer(2, TestNode.BOB, 1));
      assertThat(client.notified(id).booleanValue()).as("told once of each").isFalse();
    }
  }

  @Test
  void unknownKindsAreNamed() throws Exception {
    try (TestNode node = new TestNode();
        Client client = new Client(node)) {
      JsonNode error = client.ask("eth_subscribe", "[\"weather\"]").path("error");
      assertThat(error.path("code").intValue()).isEqualTo(-32601);
      assertThat(error.path("message").textValue())
          .isEqualTo("no \"weather\" subscription in eth namespace");
    }
  }

  @Test
  void aConnectionHasABoundedNumberOfSubscriptions() throws Exception {
    try (TestNode node = new TestNode();
        Client client = new Client(node)) {
      int max = RpcLimits.DEFAULT.maxSubscriptionsPerConnection();
      for (int i = 0; i < max; i++) {
        client.subscribe("[\"syncing\"]");
      }
      JsonNode error = client.ask("eth_subscribe", "[\"syncing\"]").path("error");
      assertThat(error.path("code").intValue()).isEqualTo(-32005);
      assertThat(error.at("/data/limit").intValue()).isEqualTo(max);
    }
  }

  @Test
  void connectionsAreBounded() throws Exception {
    RpcLimits limits = RpcLimits.DEFAULT.withWebSockets(2, 100, 1 << 20);
    try (TestNode node = new TestNode(limits);
        Client first = new Client(node);
        Client second = new Client(node)) {
      first.ask("eth_chainId", "[]");
      second.ask("eth_chainId", "[]");
      assertThatThrownBy(() -> new Client(node)).isInstanceOf(CompletionException.class);
    }
  }

  @Test
  void pagesFromElsewhereCannotConnect() {
    try (TestNode node = new TestNode()) {
      URI uri = URI.create("ws://127.0.0.1:" + node.server.port() + "/");
      assertThatThrownBy(() ->
              node.http
                  .newWebSocketBuilder()
                  .header("Origin", "https://evil.example")
                  .buildAsync(uri, new WebSocket.Listener() {})
                  .join())
          .hasCauseInstanceOf(WebSocketHandshakeException.class);
    }
  }

  @Test
  void aMessageAboveTheLimitEndsTheConnection() throws Exception {
    RpcLimits limits = RpcLimits.DEFAULT.withBody(100_000, 10, 1 << 20);
    try (TestNode node = new TestNode(limits);
        Client client = new Client(node)) {
      // No longer than it has to be: Java's client tells of a write that fails before it reads on.
      var sent = client.socket.sendText("\"" + "x".repeat(100_000) + "\"", true);
      assertThat(sent).isNotNull();
      assertThat(client.next()).startsWith(CLOSED + "1009");
    }
  }

  @Test
  void aReaderWhoDoesNotReadIsDroppedAndTheOthersAreServed() throws Exception {
    RpcLimits limits = RpcLimits.DEFAULT.withWebSockets(10, 50, 100_000);
    try (TestNode node = new TestNode(limits);
        Client reader = new Client(node);
        Socket deaf = new Socket()) {
      deaf.setReceiveBufferSize(4096);
      deaf.connect(new java.net.InetSocketAddress("127.0.0.1", node.server.port()));
      handshake(deaf);
      sendMasked(
          deaf,
          "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]}");
      String heads = reader.subscribe("[\"newHeads\"]");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (node.server.openWebSockets() == 2 && System.nanoTime() < end) {
        node.chain.add();
        reader.notified(heads);
      }
      assertThat(node.server.openWebSockets()).isEqualTo(1);
      assertThat(reader.ask("eth_chainId", "[]").path("result").textValue()).isEqualTo("0x539");
    }
  }

  @Test
  void aHalfOpenHandshakeCostsNothing() throws Exception {
    try (TestNode node = new TestNode();
        Socket half = new Socket("127.0.0.1", node.server.port())) {
      half.getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                  .getBytes(StandardCharsets.UTF_8));
      assertThat(node.result("eth_chainId", "[]").textValue()).isEqualTo("0x539");
      assertThat(node.server.openWebSockets()).isZero();
    }
  }

  @Test
  void aPeerThatAnswersNeitherOfTwoPingsIsDropped() throws Exception {
    RpcLimits base = RpcLimits.DEFAULT;
    RpcLimits limits =
        new RpcLimits(
            base.maxBodyBytes(),
            base.maxBatch(),
            base.maxBatchResponseBytes(),
            base.maxResponseBytes(),
            base.timeoutMillis(),
            base.maxConcurrent(),
            base.maxConnections(),
            base.maxWebSockets(),
            base.maxPerWebSocket(),
            base.maxSubscriptionsPerConnection(),
            base.maxSubscriptions(),
            base.maxQueuedMessages(),
            base.maxQueuedBytes(),
            base.writeTimeoutMillis(),
            2_000,
            base.idleMillis());
    try (TestNode node = new TestNode(limits);
        Client alive = new Client(node);
        Socket late = new Socket("127.0.0.1", node.server.port());
        Socket dead = new Socket("127.0.0.1", node.server.port())) {
      handshake(late);
      handshake(dead);
      late.setSoTimeout(60_000);
      dead.setSoTimeout(60_000);
      CompletableFuture<Void> stays = CompletableFuture.runAsync(() -> answerOneOfTwo(late));
      assertThat(dead.getInputStream().readAllBytes()).isEqualTo(new byte[] {PING, 0, PING, 0});
      stays.get(60, TimeUnit.SECONDS);
      assertThat(alive.ask("eth_chainId", "[]").path("result").textValue()).isEqualTo("0x539");
    }
  }

  /// Until it is asked a third time.
  private static void answerOneOfTwo(Socket socket) {
    try {
      byte[] twoPings = socket.getInputStream().readNBytes(4);
      assertThat(twoPings).isEqualTo(new byte[] {PING, 0, PING, 0});
      socket.getOutputStream().write(new byte[] {PONG, (byte) 0x80, 0, 0, 0, 0});
      assertThat(socket.getInputStream().readNBytes(2)).isEqualTo(new byte[] {PING, 0});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void handshake(Socket socket) throws Exception {
    String head =
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
    StringBuilder reply = new StringBuilder();
    while (reply.indexOf("\r\n\r\n") < 0) {
      reply.append((char) socket.getInputStream().read());
    }
    assertThat(reply).startsWith("HTTP/1.1 101");
  }

  /// A text frame masked with zeros (RFC 6455, section 5.2).
  private static void sendMasked(Socket socket, String text) throws Exception {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    OutputStream out = socket.getOutputStream();
    out.write(new byte[] {(byte) 0x81, (byte) (0x80 | payload.length), 0, 0, 0, 0});
    out.write(payload);
    out.flush();
  }
}
