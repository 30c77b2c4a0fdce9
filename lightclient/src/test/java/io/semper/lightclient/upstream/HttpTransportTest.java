package io.semper.lightclient.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Servers that send too much, too slowly, for ever, or somewhere else.
class HttpTransportTest {
  private static final int MAX = 10_000;
  private static final String OK = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
  private static final String PARTS = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

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
    byte[] reply = post(out -> write(out, OK + "\r\n" + "x".repeat(MAX)), 60_000);
    assertThat(reply).hasSize(MAX);
  }

  @Test
  void aLongerReplyIsNotReadToItsEnd() {
    assertThatThrownBy(() -> post(out -> write(out, OK + "\r\n" + "x".repeat(MAX + 1)), 60_000))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than " + MAX + " bytes");
    assertThatThrownBy(
            () -> post(out -> write(out, OK + "Content-Length: 9999999999\r\n\r\n"), 60_000))
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
                60_000))
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
                    LockSupport.parkNanos(20_000_000);
                  }
                },
                300))
        .isInstanceOf(IOException.class);
    // Far less than the many bytes that would still be allowed take.
    assertThat(System.nanoTime() - began).isLessThan(60_000_000_000L);
  }

  /// Nor does the head of a reply, or of a part of it, whose every letter is in time.
  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 200 OK\r\nSlow: ", PARTS + "2\r\n{}\r\n5;slow="})
  void aTricklingHeadIsGivenUp(String begin) {
    assertThatThrownBy(() ->
            post(
                out -> {
                  write(out, begin);
                  while (!Thread.currentThread().isInterrupted()) {
                    write(out, "x");
                    LockSupport.parkNanos(20_000_000);
                  }
                },
                300))
        .isInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void aReplyInPartsIsRead() throws IOException {
    byte[] reply =
        post(
            out ->
                write(
                    out,
                    "HTTP/1.1 100 Continue\r\n\r\n"
                        + PARTS
                        + "3\r\nabc\r\nA;why=not\r\n"
                        + "0123456789\r\n0\r\nBehind: it\r\n\r\n"),
            60_000);
    assertThat(new String(reply, StandardCharsets.US_ASCII)).isEqualTo("abc0123456789");
    assertThatThrownBy(() ->
            post(out -> write(out, PARTS + "2710\r\n" + "x".repeat(MAX) + "\r\n1\r\nx"), 60_000))
        .hasMessageContaining("more than " + MAX + " bytes");
  }

  /// Fields, one field, replies before the reply, fields behind its body, one of them, what stands
  /// before a part.
  @Test
  void whatIsEndlessBesideABodyEnds() {
    String[][] beginsAndGoesOn = {
      {"HTTP/1.1 200 OK\r\n", "a: b\r\n"},
      {"HTTP/1.1 200 OK\r\na: ", "b"},
      {"", "HTTP/1.1 100 Continue\r\n\r\n"},
      {PARTS + "2\r\n{}\r\n0\r\n", "a: b\r\n"},
      {PARTS + "2\r\n{}\r\n0\r\na: ", "b"},
      {PARTS + "2\r\n{}\r\n5;", "b"}
    };
    for (String[] each : beginsAndGoesOn) {
      assertThatThrownBy(() ->
              post(
                  out -> {
                    write(out, each[0]);
                    while (true) {
                      write(out, each[1].repeat(1000));
                    }
                  },
                  60_000))
          .as(each[0] + each[1])
          .isInstanceOf(IOException.class)
          .hasMessage("reply with too much beside its body");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/1.1 200 OK\r\nno field\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        PARTS + "2\r\n{}\r\n",
        PARTS + "2\r\n{}0\r\n\r\n",
        PARTS + "-2\r\n{}\r\n0\r\n\r\n"
      })
  void whatIsNoReplyIsAFailure(String reply) {
    assertThatThrownBy(() -> post(out -> write(out, reply), 60_000))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(SocketTimeoutException.class);
  }

  /// One connection for what is asked one after the other; another where the server has ended it,
  /// or has said what it was not asked.
  @Test
  void connectionsAreUsedAgain() throws IOException {
    String reply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    assertThat(connectionsFor(9, List.of(reply, reply, reply))).isEqualTo(3);
    String late = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
    assertThat(connectionsFor(3, List.of(reply + late, reply))).isEqualTo(3);
  }

  /// How many connections so many requests take before a server that ends each after some replies.
  private static int connectionsFor(int requests, List<String> replies) throws IOException {
    AtomicInteger connections = new AtomicInteger();
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(() -> {
            while (!listener.isClosed()) {
              try (Socket socket = listener.accept()) {
                connections.incrementAndGet();
                for (String reply : replies) {
                  if (socket.getInputStream().read(new byte[1024]) < 0) {
                    break;
                  }
                  write(socket.getOutputStream(), reply);
                }
              } catch (IOException ended) {
                // The next one.
              }
            }
          });
      URI url = URI.create("http://127.0.0.1:" + listener.getLocalPort());
      for (int i = 0; i < requests; i++) {
        assertThat(new HttpTransport().post(url, new byte[2], Allowance.of(MAX), 60_000))
            .hasSize(2);
      }
    }
    return connections.get();
  }

  /// One that is trusted, and is the host's.
  @Test
  void overTlsACertificateIsNeeded() throws Exception {
    SSLContext context = trustingItself();
    SSLSocketFactory before = HttpsURLConnection.getDefaultSSLSocketFactory();
    try (ServerSocket listener =
        context
            .getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> answerAll(listener));
      URI right = URI.create("https://localhost:" + listener.getLocalPort());
      URI wrong = URI.create("https://127.0.0.1:" + listener.getLocalPort());
      HttpTransport http = new HttpTransport();
      assertThatThrownBy(() -> http.post(right, new byte[2], Allowance.of(MAX), 60_000))
          .isInstanceOf(SSLException.class);
      HttpsURLConnection.setDefaultSSLSocketFactory(context.getSocketFactory());
      assertThat(http.post(right, new byte[2], Allowance.of(MAX), 60_000)).hasSize(2);
      assertThatThrownBy(() -> http.post(wrong, new byte[2], Allowance.of(MAX), 60_000))
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("127.0.0.1");
    } finally {
      HttpsURLConnection.setDefaultSSLSocketFactory(before);
    }
  }

  private static void answerAll(ServerSocket listener) {
    while (!listener.isClosed()) {
      try (Socket socket = listener.accept()) {
        socket.getInputStream().read(new byte[1024]);
        write(socket.getOutputStream(), OK + "Content-Length: 2\r\n\r\n{}");
      } catch (IOException refused) {
        // The next one.
      }
    }
  }

  /// With a certificate for localhost, of 2026 and for a hundred years: `keytool -genkeypair
  /// -keyalg EC -dname CN=localhost -ext san=dns:localhost -validity 36500`.
  private static SSLContext trustingItself() throws Exception {
    char[] password = "password".toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream keys = HttpTransportTest.class.getResourceAsStream("localhost.p12")) {
      store.load(keys, password);
    }
    KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
    own.init(store, password);
    TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
    trusted.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }
}
