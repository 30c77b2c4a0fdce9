package io.semper.lightclient.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Servers that send too much, too slowly, for ever, or somewhere else.
class HttpTransportTest {
  private static final int MAX = 10_000;
  private static final String OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n";

  /// What a server does once it has a request.
  private interface Server {
    void answer(OutputStream out) throws IOException;
  }

  private static byte[] post(Server server, long millis) throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread thread =
          Thread.ofVirtual()
              .start(() -> {
                try (Socket socket = listener.accept();
                    InputStream in = socket.getInputStream();
                    OutputStream out = socket.getOutputStream()) {
                  in.read(new byte[1024]);
                  server.answer(out);
                  out.flush();
                } catch (IOException gone) {
                  // The client has had enough.
                }
              });
      try {
        return new HttpTransport()
            .post(
                URI.create("http://127.0.0.1:" + listener.getLocalPort()),
                new byte[] {'{', '}'},
                Allowance.of(MAX),
                millis);
      } finally {
        thread.interrupt();
      }
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  @Test
  void aReplyOfTheLengthAllowedIsRead() throws IOException {
    byte[] reply = post(out -> write(out, OK + "\r\n" + "x".repeat(MAX)), 10_000);
    assertThat(reply).hasSize(MAX);
  }

  @Test
  void aLongerReplyIsNotReadToItsEnd() {
    assertThatThrownBy(() -> post(out -> write(out, OK + "\r\n" + "x".repeat(MAX + 1)), 10_000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than " + MAX + " bytes");
    assertThatThrownBy(
            () -> post(out -> write(out, OK + "Content-Length: 9999999999\r\n\r\n"), 10_000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than " + MAX + " bytes");
  }

  @Test
  void aReplyWithoutEndEnds() {
    assertThatThrownBy(() ->
            post(
                out -> {
                  write(out, OK + "\r\n");
                  while (true) {
                    write(out, "x".repeat(1000));
                  }
                },
                10_000))
        .isInstanceOf(IOException.class);
  }

  /// A byte now and then keeps no reader waiting beyond his time.
  @Test
  void aTricklingReplyIsGivenUp() {
    long began = System.nanoTime();
    assertThatThrownBy(() ->
            post(
                out -> {
                  write(out, OK + "\r\n");
                  while (!Thread.currentThread().isInterrupted()) {
                    write(out, "x");
                    java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                  }
                },
                300))
        .isInstanceOf(IOException.class);
    // Far less than the many bytes that would still be allowed take.
    assertThat(System.nanoTime() - began).isLessThan(60_000_000_000L);
  }

  /// Nor does the head of a reply, whose every letter is in time.
  @Test
  void aTricklingHeadIsGivenUp() {
    assertThatThrownBy(() ->
            post(
                out -> {
                  write(out, "HTTP/1.1 200 OK\r\nSlow: ");
                  while (!Thread.currentThread().isInterrupted()) {
                    write(out, "x");
                    java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
                  }
                },
                300))
        .isInstanceOf(IOException.class);
  }

  @Test
  void redirectsAndErrorsAreNotFollowed() {
    assertThatThrownBy(() ->
            post(
                out ->
                    write(
                        out,
                        "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\n"
                            + "Content-Length: 0\r\n\r\n"),
                10_000))
        .isInstanceOf(Transport.StatusException.class)
        .hasMessage("HTTP status 307");
    assertThatThrownBy(() ->
            post(
                out ->
                    write(
                        out,
                        "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
                10_000))
        .isInstanceOfSatisfying(
            Transport.StatusException.class,
            status -> assertThat(status.retryAfterMillis()).isEqualTo(7_000));
  }
}
