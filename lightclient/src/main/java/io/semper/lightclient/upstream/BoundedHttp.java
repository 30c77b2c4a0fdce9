package io.semper.lightclient.upstream;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// One request over HTTP/1.1, with bounds on the time of everything together and on the bytes of
/// the reply, of its body and of all beside it, however slowly or endlessly they come. Follows no
/// redirects, asks no HTTP proxy and for no compression: what is read is what was sent.
///
/// Over plain sockets, which every Java has, and not `HttpURLConnection`: that keeps all fields
/// behind a body in parts ("trailers"), without bound, and while it reads them or waits for the
/// head of a part, nobody can end it.
public final class BoundedHttp {
  private static final int OK = 200;

  private static final ScheduledThreadPoolExecutor DEADLINES = deadlines();
  private static final IdleConnections IDLE = new IdleConnections(DEADLINES);

  private BoundedHttp() {}

  private static ScheduledThreadPoolExecutor deadlines() {
    ScheduledThreadPoolExecutor one =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "light-http-deadlines");
              thread.setDaemon(true);
              return thread;
            });
    one.setRemoveOnCancelPolicy(true);
    return one;
  }

  /// @param header the value of a named field of the reply's head, `null` where it has none
  public record Reply(byte[] body, UnaryOperator<String> header) {}

  /// @param body posted; `null` for a GET
  /// @param properties of the request's head
  /// @param allowance for the bytes of the reply's body; a longer one is a failure, and is not read
  ///   further
  /// @param timeoutMillis for all of it: connecting, sending, the last byte of the reply
  /// @throws Transport.StatusException where the reply's status is not 200
  public static Reply send(
      URI url, byte[] body, Map<String, String> properties, Allowance allowance, long timeoutMillis)
      throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    HttpConnection.Address address = HttpConnection.Address.of(url);
    byte[] request = request(url, body, properties);
    HttpConnection used = IDLE.take(address);
    if (used != null && used.hasMore()) {
      used.close();
    } else if (used != null) {
      try {
        return exchange(used, request, allowance, end);
      } catch (GoneException endedMeanwhile) {
        // Over a new one.
      }
    }
    return exchange(new HttpConnection(address), request, allowance, end);
  }

  private static byte[] request(URI url, byte[] body, Map<String, String> properties) {
    StringBuilder head = new StringBuilder(body == null ? "GET " : "POST ");
    String path = url.getRawPath();
    head.append(path == null || path.isEmpty() ? "/" : path);
    if (url.getRawQuery() != null) {
      head.append('?').append(url.getRawQuery());
    }
    head.append(" HTTP/1.1\r\nHost: ").append(url.getHost());
    if (url.getPort() >= 0) {
      head.append(':').append(url.getPort());
    }
    head.append("\r\nAccept-Encoding: identity\r\n");
    properties.forEach(
        (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    if (body != null) {
      head.append("Content-Length: ").append(body.length).append("\r\n");
    }
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    if (body != null) {
      request.writeBytes(body);
    }
    return request.toByteArray();
  }

  private static Reply exchange(
      HttpConnection connection, byte[] request, Allowance allowance, long end) throws IOException {
    // A limit for each read would be none: whoever sends letter by letter is cut off from outside.
    Future<?> deadline =
        DEADLINES.schedule(connection::close, end - System.nanoTime(), TimeUnit.NANOSECONDS);
    boolean lasts = false;
    try {
      HttpReply reply = HttpReply.read(answered(connection, request, end));
      if (reply.status() != OK) {
        throw new Transport.StatusException(reply.status(), reply.retryAfterMillis());
      }
      byte[] body = reply.body(allowance);
      lasts = reply.lasts();
      return new Reply(body, reply::field);
    } catch (IOException cutOff) {
      if (System.nanoTime() - end >= 0) {
        throw new SocketTimeoutException("no whole reply in time");
      }
      throw cutOff;
    } finally {
      deadline.cancel(false);
      if (lasts) {
        IDLE.put(connection);
      } else {
        connection.close();
      }
    }
  }

  /// Sends the request and waits for the first byte of the reply to it.
  private static InputStream answered(HttpConnection connection, byte[] request, long end)
      throws IOException {
    boolean used = connection.isOpen();
    try {
      if (!used) {
        connection.open(left(end));
      }
      connection.send(request);
      InputStream in = connection.in();
      in.mark(1);
      if (in.read() < 0) {
        throw new EOFException("no reply");
      }
      in.reset();
      return in;
    } catch (IOException ended) {
      throw used ? new GoneException(ended) : ended;
    }
  }

  private static int left(long end) throws IOException {
    long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    if (millis <= 0) {
      throw new SocketTimeoutException("no whole reply in time");
    }
    return (int) Math.min(millis, Integer.MAX_VALUE);
  }

  /// A server ended a connection that was kept. That says nothing of the request.
  private static final class GoneException extends IOException {
    private static final long serialVersionUID = 1L;

    private GoneException(IOException cause) {
      super(cause);
    }
  }
}
