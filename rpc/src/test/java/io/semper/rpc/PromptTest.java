package io.semper.rpc;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.rpc.param.BlockRef;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Quick calls are answered by the thread that watches the connections.
@Timeout(60)
final class PromptTest {
  private static final String PLAIN = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test_plain\"}";

  static final class Threads {
    @Rpc(value = "test_quick", prompt = true)
    long quick(@Omittable BlockRef block) {
      return Thread.currentThread().threadId();
    }

    @Rpc("test_plain")
    long plain() {
      return Thread.currentThread().threadId();
    }
  }

  private static String quick(String params) {
    return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test_quick\",\"params\":" + params + "}";
  }

  private static RpcServer server(boolean local) {
    List<Object> handlers = List.of(new Threads());
    return RpcServer.start(
        RpcConfig.local(0),
        local
            ? Dispatcher.ofLocalChain(handlers, MethodPolicy.ALL, (method, nanos, failed) -> {})
            : new Dispatcher(handlers, MethodPolicy.ALL));
  }

  /// Sends a body twice; whether one thread answered both.
  private static boolean sharesAThread(RpcServer server, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port()))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      // The connection's own opening is work for another thread.
      http.send(request, HttpResponse.BodyHandlers.ofString());
      String first = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      String second = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      assertThat(first).contains("result").doesNotContain("error");
      return first.equals(second);
    }
  }

  @Test
  void aQuickCallGetsNoThreadOfItsOwn() throws Exception {
    try (RpcServer server = server(true)) {
      assertThat(sharesAThread(server, quick("[]"))).isTrue();
      assertThat(sharesAThread(server, quick("[\"latest\"]"))).isTrue();
    }
  }

  @Test
  void whatMayTakeItsTimeGetsOne() throws Exception {
    try (RpcServer server = server(true)) {
      assertThat(sharesAThread(server, PLAIN)).isFalse();
      assertThat(sharesAThread(server, "[" + quick("[]") + "]")).isFalse();
      assertThat(sharesAThread(server, quick("[\"pending\"]"))).isFalse();
      assertThat(sharesAThread(server, quick("[]") + " ".repeat(4096))).isFalse();
    }
  }

  @Test
  void nothingIsQuickWhereTheChainIsElsewhere() throws Exception {
    try (RpcServer server = server(false)) {
      assertThat(sharesAThread(server, quick("[]"))).isFalse();
    }
  }

  @Test
  void aBodyMayComeInPieces() throws IOException {
    String body = quick("[]");
    try (RpcServer server = server(true);
        Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setTcpNoDelay(true);
      OutputStream out = socket.getOutputStream();
      byte[] reply = new byte[4096];
      for (int cut = 0; cut < body.length(); cut++) {
        String head =
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: "
                + body.length()
                + "\r\n\r\n";
        out.write((head + body.substring(0, cut)).getBytes(ISO_8859_1));
        out.write(body.substring(cut).getBytes(ISO_8859_1));
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith("}")) {
          int n = socket.getInputStream().read(reply);
          assertThat(n).isPositive();
          text.append(new String(reply, 0, n, ISO_8859_1));
        }
        assertThat(text).startsWith("HTTP/1.1 200 ").contains("\"result\":");
      }
    }
  }
}
