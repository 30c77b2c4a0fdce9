package io.semper.lightclient.beacon;

import io.semper.lightclient.upstream.Allowance;
import io.semper.lightclient.upstream.BoundedHttp;
import java.io.IOException;
import java.net.URI;
import java.util.Map;

/// What a beacon node answers to a GET, within [BoundedHttp]'s bounds.
final class BeaconHttp {
  static final int TIMEOUT_MILLIS = 10_000;

  private final int timeoutMillis;

  BeaconHttp() {
    this(TIMEOUT_MILLIS);
  }

  BeaconHttp(int timeoutMillis) {
    this.timeoutMillis = timeoutMillis;
  }

  /// @param contentType empty if the server says none
  /// @param consensusVersion of the container in SSZ; empty if the server says none
  record Reply(byte[] body, String contentType, String consensusVersion) {}

  Reply get(URI address, String accept, int maxBytes) throws IOException {
    BoundedHttp.Reply reply =
        BoundedHttp.send(
            address, null, Map.of("Accept", accept), Allowance.of(maxBytes), timeoutMillis);
    return new Reply(
        reply.body(), header(reply, "Content-Type"), header(reply, "Eth-Consensus-Version"));
  }

  private static String header(BoundedHttp.Reply reply, String name) {
    String value = reply.header().apply(name);
    return value == null ? "" : value.strip();
  }
}
