package io.semper.tests.light;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.semper.lightclient.upstream.Allowance;
import io.semper.lightclient.upstream.HttpTransport;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/// A node over HTTP that passes on what an honest one says, so that it is liked, and answers every
/// second question with a bomb. Bombs of several nodes go off at the same time.
final class BombingNode implements AutoCloseable {
  private static final long TOGETHER_NANOS = 1_000_000_000;

  /// What a reply that is just within the limit leaves of it, for its brackets and names.
  private static final int MARGIN_BYTES = 3_000;

  private static final long SLOW_NANOS = 2_000_000_000;
  private static final long HONEST_NANOS = 150_000_000;
  private static final int HONEST_BYTES = 32 << 20;
  private static final long HONEST_MILLIS = 300_000;
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String PARTS = OK + "Transfer-Encoding: chunked\r\n\r\n";
  private static final String RESULT = "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":";
  private static final String ERROR = "{\"error\":{\"code\":-32000,\"message\":\"";

  private final URI honest;
  private final List<Bomb> bombs;
  private final long delayNanos;
  private final ServerSocket listener;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final AtomicInteger questions = new AtomicInteger();
  private final AtomicInteger sent = new AtomicInteger();

  /// What most of its bombs consist of.
  enum Most {
    LETTERS,
    BRACKETS
  }

  /// What is sent instead of a reply.
  private interface Bomb {
    void send(OutputStream out) throws IOException;
  }

  /// @param limit the longest reply its clients take
  BombingNode(URI honest, int limit, Most most) throws IOException {
    this(honest, bombs(limit, most), 0);
  }

  /// One that has no bombs, and is asked last.
  static BombingNode slowAndHonest(URI honest) throws IOException {
    return new BombingNode(honest, List.of(), HONEST_NANOS);
  }

  private BombingNode(URI honest, List<Bomb> bombs, long delayNanos) throws IOException {
    this.honest = honest;
    this.bombs = bombs;
    this.delayNanos = delayNanos;
    listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /// How many bombs it has sent.
  int sent() {
    return sent.get();
  }

  /// Two of three are the same, so that there are as many of these at once as the client lets there
  /// be; where they are within its limits, it has nothing against who sends them.
  private static List<Bomb> bombs(int limit, Most most) {
    Bomb usual =
        switch (most) {
          case LETTERS -> together(ERROR + "x".repeat(limit - MARGIN_BYTES) + "\u20ac\"}}");
          case BRACKETS -> together(ERROR + "\",\"data\":" + list("{}", limit) + "}");
        };
    return kinds(limit).stream().flatMap(each -> Stream.of(usual, each, usual)).toList();
  }

  private static List<Bomb> kinds(int limit) {
    String filled = "x".repeat(limit);
    return List.of(
        // Within the limit as bytes.
        together(RESULT + '"' + "x".repeat(limit / 3) + "\u20ac\"}"),
        together(RESULT + list("{}", limit / 14)),
        together(RESULT + list("{\"a\":".repeat(28) + "0" + "}".repeat(28), limit)),
        together(RESULT + list("[[0]]", limit)),
        together(RESULT + list("\"x\"", limit)),
        together(RESULT + list("7777777777777777", limit)),
        together("[" + list("{\"id\":0}", limit).substring(1)),
        together(RESULT + "[".repeat(limit / 2)),
        together(RESULT + "9".repeat(limit / 2) + "}"),
        together(RESULT + "{\"" + "x".repeat(limit / 2) + "\":0}}"),
        // Beyond.
        together(RESULT + '"' + "x".repeat(limit) + "\"}"),
        endless(OK + "\r\n" + RESULT + '"', filled),
        endless(OK + "Content-Length: 1099511627776\r\n\r\n" + RESULT + '"', filled),
        endless(PARTS + "7fffffff\r\n" + RESULT + '"', filled),
        endless(PARTS + "1\r\n[\r\n", "1\r\n0\r\n1\r\n,\r\n".repeat(1000)),
        // Beside the body.
        endless(OK, "a: b\r\n".repeat(1000)),
        endless(OK + "a: ", filled),
        endless("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)),
        endless("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", filled),
        endless(PARTS + "2\r\n{}\r\n0\r\n", ("a: " + "x".repeat(4000) + "\r\n").repeat(100)),
        endless(PARTS + "2\r\n{}\r\n5;", filled),
        // Slow, or nothing.
        slow(OK + "\r\n" + RESULT + '"'),
        slow(OK + "a: "),
        slow(PARTS + "5;"),
        slow(""),
        out -> {},
        BombingNode::zipped);
  }

  /// The end of a JSON-RPC reply, a list of the same again and again of about so many letters.
  private static String list(String item, int length) {
    int times = Math.max(1, (length - MARGIN_BYTES) / (item.length() + 1));
    return "[" + (item + ",").repeat(times) + item + "]}";
  }

  /// A whole reply, whose last byte comes when others' do.
  private static Bomb together(String body) {
    byte[] bytes = body.getBytes(UTF_8);
    byte[] head = (OK + "Content-Length: " + bytes.length + "\r\n\r\n").getBytes(US_ASCII);
    return out -> {
      out.write(head);
      out.write(bytes, 0, bytes.length - 1);
      out.flush();
      LockSupport.parkNanos(TOGETHER_NANOS - System.nanoTime() % TOGETHER_NANOS);
      out.write(bytes, bytes.length - 1, 1);
      out.flush();
    };
  }

  private static Bomb endless(String begin, String again) {
    byte[] first = begin.getBytes(US_ASCII);
    byte[] rest = again.getBytes(US_ASCII);
    return out -> {
      out.write(first);
      while (true) {
        out.write(rest);
      }
    };
  }

  private static Bomb slow(String begin) {
    byte[] first = begin.getBytes(US_ASCII);
    return out -> {
      out.write(first);
      for (long end = System.nanoTime() + SLOW_NANOS; System.nanoTime() < end; ) {
        LockSupport.parkNanos(20_000_000);
        if (first.length > 0) {
          out.write('x');
          out.flush();
        }
      }
    };
  }

  /// Nobody asked for it.
  private static void zipped(OutputStream out) throws IOException {
    ByteArrayOutputStream small = new ByteArrayOutputStream();
    try (OutputStream zip = new GZIPOutputStream(small)) {
      zip.write(RESULT.getBytes(US_ASCII));
      zip.write(list("[]", 32 << 20).getBytes(US_ASCII));
    }
    out.write((OK + "Content-Encoding: gzip\r\n").getBytes(US_ASCII));
    out.write(("Content-Length: " + small.size() + "\r\n\r\n").getBytes(US_ASCII));
    small.writeTo(out);
    out.flush();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        connections.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        InputStream in = new BufferedInputStream(socket.getInputStream())) {
      OutputStream out = socket.getOutputStream();
      for (byte[] request = request(in); request != null; request = request(in)) {
        boolean asksForHead = new String(request, UTF_8).contains("\"latest\"");
        boolean lies = !bombs.isEmpty() && !asksForHead;
        if (lies && questions.incrementAndGet() % 2 == 0) {
          bombs.get(sent.getAndIncrement() % bombs.size()).send(out);
          return;
        }
        LockSupport.parkNanos(delayNanos);
        byte[] reply;
        try (Allowance room = Allowance.of(HONEST_BYTES)) {
          reply = new HttpTransport().post(honest, request, room, HONEST_MILLIS);
        }
        out.write((OK + "Content-Length: " + reply.length + "\r\n\r\n").getBytes(US_ASCII));
        out.write(reply);
        out.flush();
      }
    } catch (IOException gone) {
      // The client has had enough.
    } finally {
      connections.remove(socket);
    }
  }

  /// The body of a request, `null` where there is no other.
  private static byte[] request(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int c = in.read();
      if (c < 0) {
        return null;
      }
      head.append((char) c);
    }
    String length = "Content-Length: ";
    int at = head.indexOf(length) + length.length();
    return in.readNBytes(Integer.parseInt(head.substring(at, head.indexOf("\r\n", at))));
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket each : connections) {
        each.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
