package io.semper.lightclient.upstream;

import java.io.IOException;
import java.net.URI;
import java.util.Map;

/// JSON over [BoundedHttp].
public final class HttpTransport implements Transport {
  private static final Map<String, String> JSON =
      Map.of("Content-Type", "application/json", "Accept", "application/json");

  @Override
  public byte[] post(URI url, byte[] body, Allowance allowance, long timeoutMillis)
      throws IOException {
    return BoundedHttp.send(url, body, JSON, allowance, timeoutMillis).body();
  }
}
