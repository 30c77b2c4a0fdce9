package io.semper.lightclient.upstream;

import java.io.IOException;
import java.net.URI;

/// How a request gets to a node. Implementations are safe for use by several threads.
@FunctionalInterface
public interface Transport {
  /// Posts JSON and returns the body of the reply.
  ///
  /// @param allowance asked for the reply's bytes before they are kept; what it refuses is a
  ///   failure, and is not read further
  /// @param timeoutMillis for all of it: connecting, sending, the last byte of the reply
  /// @throws StatusException where the reply's status is not 200
  byte[] post(URI url, byte[] body, Allowance allowance, long timeoutMillis) throws IOException;

  /// An HTTP status other than 200.
  final class StatusException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final long retryAfterMillis;

    /// @param retryAfterMillis what the reply asked for, 0 for nothing
    public StatusException(int status, long retryAfterMillis) {
      super("HTTP status " + status);
      this.status = status;
      this.retryAfterMillis = retryAfterMillis;
    }

    public int status() {
      return status;
    }

    public long retryAfterMillis() {
      return retryAfterMillis;
    }
  }
}
