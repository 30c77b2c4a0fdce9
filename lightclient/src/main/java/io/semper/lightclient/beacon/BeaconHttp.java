package io.semper.lightclient.beacon;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLConnection;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// HTTP GET with bounds: on the time for everything together and on the bytes of the body, however
/// slowly or endlessly it comes.
final class BeaconHttp {
  /// For the head of a reply, and again for its body.
  static final int TIMEOUT_MILLIS = 10_000;

  private static final int BUFFER_BYTES = 16 << 10;
  private static final int OK = 200;

  private static final ScheduledThreadPoolExecutor DEADLINES = deadlines();

  private final int timeoutMillis;

  private static ScheduledThreadPoolExecutor deadlines() {
    ScheduledThreadPoolExecutor one =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "light-beacon-deadlines");
              thread.setDaemon(true);
              return thread;
            });
    one.setRemoveOnCancelPolicy(true);
    return one;
  }

  BeaconHttp() {
    this(TIMEOUT_MILLIS);
  }

  BeaconHttp(int timeoutMillis) {
    this.timeoutMillis = timeoutMillis;
  }

  /// @param contentType empty if the server says none
  /// @param consensusVersion of the container in SSZ; empty if the server says none
  record Reply(byte[] body, String contentType, String consensusVersion) {}

  /// The server answered, but with another status than 200.
  static final class StatusException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    StatusException(int status) {
      super("HTTP status " + status);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  Reply get(URI address, String accept, int maxBytes) throws IOException {
    long end = System.nanoTime() + timeoutMillis * 1_000_000L;
    URLConnection opened = address.toURL().openConnection();
    if (!(opened instanceof HttpURLConnection connection)) {
      throw new IOException("not an address over HTTP: " + address);
    }
    // A time limit of the connection is one for each read: whoever sends the head of a reply letter
    // by
    // letter is cut off from outside.
    Future<?> deadline =
        DEADLINES.schedule(connection::disconnect, timeoutMillis, TimeUnit.MILLISECONDS);
    try {
      connection.setInstanceFollowRedirects(false);
      connection.setConnectTimeout(timeoutMillis);
      connection.setReadTimeout(timeoutMillis);
      connection.setRequestProperty("Accept", accept);
      connection.setRequestProperty("Accept-Encoding", "identity");
      connection.setUseCaches(false);
      int status = connection.getResponseCode();
      deadline.cancel(false);
      if (status != OK) {
        throw new StatusException(status);
      }
      byte[] body = read(connection, maxBytes, end);
      return new Reply(
          body, header(connection, "Content-Type"), header(connection, "Eth-Consensus-Version"));
    } catch (IOException failed) {
      connection.disconnect();
      throw failed;
    } catch (RuntimeException cutOff) {
      // What the connection does when it is ended in the middle of a reply's head.
      throw new IOException("no whole reply in time", cutOff);
    } finally {
      deadline.cancel(false);
    }
  }

  private static String header(HttpURLConnection connection, String name) {
    String value = connection.getHeaderField(name);
    return value == null ? "" : value.strip();
  }

  private static byte[] read(HttpURLConnection connection, int maxBytes, long end)
      throws IOException {
    if (connection.getContentLengthLong() > maxBytes) {
      throw new IOException("reply longer than " + maxBytes + " bytes");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = connection.getInputStream()) {
      while (true) {
        if (System.nanoTime() - end > 0) {
          throw new SocketTimeoutException("reply did not come to an end in time");
        }
        int n = in.read(buffer);
        if (n < 0) {
          return out.toByteArray();
        }
        if (out.size() + n > maxBytes) {
          connection.disconnect();
          throw new IOException("reply longer than " + maxBytes + " bytes");
        }
        out.write(buffer, 0, n);
      }
    }
  }
}
