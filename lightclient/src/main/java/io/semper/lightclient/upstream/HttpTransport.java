package io.semper.lightclient.upstream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLConnection;
import java.util.concurrent.TimeUnit;

/// Over `HttpURLConnection`, which every Java has. Follows no redirects and asks for no
/// compression: what is read is what was sent.
public final class HttpTransport implements Transport {
  private static final int CHUNK_BYTES = 16 << 10;
  private static final long MAX_RETRY_AFTER_SECONDS = 3600;

  @Override
  public byte[] post(URI url, byte[] body, int maxBytes, long timeoutMillis) throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    URLConnection opened = url.toURL().openConnection();
    if (!(opened instanceof HttpURLConnection http)) {
      throw new IOException("not an address over HTTP: " + url);
    }
    http.setInstanceFollowRedirects(false);
    http.setUseCaches(false);
    http.setConnectTimeout(left(end));
    http.setReadTimeout(left(end));
    http.setRequestMethod("POST");
    http.setRequestProperty("Content-Type", "application/json");
    http.setRequestProperty("Accept", "application/json");
    http.setRequestProperty("Accept-Encoding", "identity");
    http.setDoOutput(true);
    http.setFixedLengthStreamingMode(body.length);
    boolean whole = false;
    try {
      try (OutputStream out = http.getOutputStream()) {
        out.write(body);
      }
      int status = http.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new StatusException(status, retryAfterMillis(http));
      }
      if (http.getContentLengthLong() > maxBytes) {
        throw new IOException("reply of more than " + maxBytes + " bytes");
      }
      try (InputStream in = http.getInputStream()) {
        byte[] reply = read(http, in, maxBytes, end);
        whole = true;
        return reply;
      }
    } finally {
      if (!whole) {
        // A connection in the middle of something must not be used again.
        http.disconnect();
      }
    }
  }

  private static byte[] read(HttpURLConnection http, InputStream in, int maxBytes, long end)
      throws IOException {
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    byte[] chunk = new byte[CHUNK_BYTES];
    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
      if (n > maxBytes - reply.size()) {
        http.disconnect();
        throw new IOException("reply of more than " + maxBytes + " bytes");
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
