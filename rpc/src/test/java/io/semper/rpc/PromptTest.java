package io.semper.rpc;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.semper.rpc.ledger.MemoryChain;
import io.semper.rpc.ledger.MemoryPool;
import io.semper.rpc.param.BlockRef;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
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

    @Rpc(value = "test_submit", submits = true)
    boolean submit() {
      return true;
    }

    @Rpc("test_plain")
    long plain() {
      return Thread.currentThread().threadId();
    }
  }

  /// Something is on its way into a block as long as the test says so.
  private static final class Sealing extends MemoryPool {
    private final AtomicInteger waits = new AtomicInteger();
    private volatile boolean settled = true;

    Sealing() {
      super(new MemoryChain(Map.of()));
    }

    @Override
    public boolean isSettled() {
      return settled;
    }

    @Override
    public void settle() {
      if (!settled) {
        waits.incrementAndGet();
      }
    }
  }

  private final Sealing pool = new Sealing();

  private static String quick(String params) {
    return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"test_quick\",\"params\":" + params + "}";
  }

  private RpcServer server(boolean local) {
    List<Object> handlers = List.of(new Threads());
    return RpcServer.start(
        RpcConfig.local(0),
        local
            ? Dispatcher.ofLocalChain(
                handlers, MethodPolicy.ALL, (method, nanos, failed) -> {}, pool)
            : new Dispatcher(handlers, MethodPolicy.ALL));
  }

  /// Sends a body twice; whether one thread answered both.
  private static boolean sharesAThread(RpcServer server, String body) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      // The connection's own opening is work for another thread.
      ask(socket, body, body.length());
      String first = ask(socket, body, body.length());
      String second = ask(socket, body, body.length());
      assertThat(first).contains("result").doesNotContain("error");
      return result(first).equals(result(second));
    }
  }

  private static String result(String reply) {
    return reply.substring(reply.indexOf("\"result\""));
  }

  /// @param together characters of the body that leave with the head, the others after them
  private static String ask(Socket socket, String body, int together) throws IOException {
    socket.setTcpNoDelay(true);
    OutputStream out = socket.getOutputStream();
    String request =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    int first = request.length() - body.length() + together;
    out.write(request.substring(0, first).getBytes(ISO_8859_1));
    out.write(request.substring(first).getBytes(ISO_8859_1));
    byte[] reply = new byte[4096];
    StringBuilder text = new StringBuilder();
    while (!text.toString().endsWith("}") && !text.toString().endsWith("]")) {
      int n = socket.getInputStream().read(reply);
      assertThat(n).isPositive();
      text.append(new String(reply, 0, n, ISO_8859_1));
    }
    return text.toString();
  }

  @Test
  void aQuickCallGetsNoThreadOfItsOwn() throws IOException {
    try (RpcServer server = server(true)) {
      assertThat(sharesAThread(server, quick("[]"))).isTrue();
      assertThat(sharesAThread(server, quick("[\"latest\"]"))).isTrue();
    }
  }

  @Test
  void whatMayTakeItsTimeGetsOne() throws IOException {
    try (RpcServer server = server(true)) {
      assertThat(sharesAThread(server, PLAIN)).isFalse();
      assertThat(sharesAThread(server, "[" + quick("[]") + "]")).isFalse();
      assertThat(sharesAThread(server, quick("[\"pending\"]"))).isFalse();
      assertThat(sharesAThread(server, quick("[]") + " ".repeat(4096))).isFalse();
    }
  }

  @Test
  void nothingIsQuickWhereTheChainIsElsewhere() throws IOException {
    try (RpcServer server = server(false)) {
      assertThat(sharesAThread(server, quick("[]"))).isFalse();
    }
  }

  @Test
  void whoLooksAfterASubmissionWaitsForItsBlock() throws IOException {
    String submit = quick("[]").replace("quick", "submit");
    try (RpcServer server = server(true);
        Socket socket = new Socket("127.0.0.1", server.port())) {
      pool.settled = false;
      assertThat(ask(socket, submit, submit.length())).contains("\"result\":true");
      assertThat(pool.waits).hasValue(0);
      assertThat(sharesAThread(server, quick("[]"))).isFalse();
      assertThat(pool.waits).hasValue(3);
      String batch = "[" + submit + "," + PLAIN + "]";
      assertThat(ask(socket, batch, batch.length())).contains("\"result\":true");
      assertThat(pool.waits).hasValue(4);
      pool.settled = true;
      assertThat(sharesAThread(server, quick("[]"))).isTrue();
      assertThat(pool.waits).hasValue(4);
    }
  }

  @Test
  void aBodyMayComeInPieces() throws IOException {
    String body = quick("[]");
    try (RpcServer server = server(true);
        Socket socket = new Socket("127.0.0.1", server.port())) {
      for (int cut = 0; cut < body.length(); cut++) {
        assertThat(ask(socket, body, cut)).startsWith("HTTP/1.1 200 ").contains("\"result\":");
      }
    }
  }
}
