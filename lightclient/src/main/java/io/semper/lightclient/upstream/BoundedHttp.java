package io.semper.lightclient.upstream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLConnection;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// One request over `HttpURLConnection`, which every Java has, with bounds on the time of
/// everything together and on the bytes of the reply, however slowly or endlessly it comes. Follows
/// no redirects and asks for no compression: what is read is what was sent.
public final class BoundedHttp {
  private static final int CHUNK_BYTES = 16 << 10;
  private static final long MAX_RETRY_AFTER_SECONDS = 3600;

  private static final ScheduledThreadPoolExecutor DEADLINES = deadlines();

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
  /// @param allowance for the reply's bytes; a longer one is a failure, and is not read further
  /// @param timeoutMillis for all of it: connecting, sending, the last byte of the reply
  /// @throws Transport.StatusException where the reply's status is not 200
  public static Reply send(
      URI url, byte[] body, Map<String, String> properties, Allowance allowance, long timeoutMillis)
      throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    URLConnection opened = url.toURL().openConnection();
    if (!(opened instanceof HttpURLConnection http)) {
      throw new IOException("not an address over HTTP: " + url);
    }
    http.setInstanceFollowRedirects(false);
    http.setUseCaches(false);
    http.setConnectTimeout(left(end));
    http.setReadTimeout(left(end));
    http.setRequestProperty("Accept-Encoding", "identity");
    properties.forEach(http::setRequestProperty);
    // The connection's own limit is one for each read: whoever sends the head of a reply letter by
    // letter is cut off from outside.
    Future<?> deadline = DEADLINES.schedule(http::disconnect, timeoutMillis, TimeUnit.MILLISECONDS);
    boolean whole = false;
    try {
      if (body != null) {
        http.setRequestMethod("POST");
        http.setDoOutput(true);
        http.setFixedLengthStreamingMode(body.length);
        try (OutputStream out = http.getOutputStream()) {
          out.write(body);
        }
      }
      int status = http.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new Transport.StatusException(status, retryAfterMillis(http));
      }
      if (http.getContentLengthLong() > allowance.most()) {
        throw allowance.tooLong();
      }
      try (InputStream in = http.getInputStream()) {
        byte[] reply = read(http, in, allowance, end);
        whole = true;
        return new Reply(reply, http::getHeaderField);
      }
    } catch (RuntimeException cutOff) {
      // What the connection does when it is ended in the middle of a reply's head.
      throw new IOException("no whole reply in time", cutOff);
    } finally {
      deadline.cancel(false);
      if (!whole) {
        // A connection in the middle of something must not be used again.
        http.disconnect();
      }
    }
  }

  private static byte[] read(HttpURLConnection http, InputStream in, Allowance allowance, long end)
      throws IOException {
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    byte[] chunk = new byte[CHUNK_BYTES];
    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
      try {
        allowance.take(n);
      } catch (IOException tooMuch) {
        http.disconnect(); // or closing would read on
        throw tooMuch;
      }
      reply.write(chunk, 0, n);
      http.setReadTimeout(left(end));
    }
    return reply.toByteArray();
  }

  private static int left(long end) throws IOException {
    long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    if (millis <= 0) {
      throw new SocketTimeoutException("no whole reply in time");
    }
    return (int) Math.min(millis, Integer.MAX_VALUE);
  }

  private static long retryAfterMillis(HttpURLConnection http) {
    String text = http.getHeaderField("Retry-After");
    if (text == null || !text.matches("\\d{1,6}")) {
      return 0;
    }
    return TimeUnit.SECONDS.toMillis(Math.min(Long.parseLong(text), MAX_RETRY_AFTER_SECONDS));
  }
}
