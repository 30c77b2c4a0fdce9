package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.RpcException;
import java.util.Locale;

/// Rising numbers from 0 to 100.
public record Percentiles(double[] values) {
  /// As in go-ethereum.
  public static final int MAX = 100;

  public static Percentiles fromJson(JsonNode node) {
    if (!node.isArray()) throw Decoders.expected("an array", node);
    if (node.size() > MAX) {
      throw RpcException.server("invalid reward percentile: over the query limit " + MAX);
    }
    double[] values = new double[node.size()];
    for (int i = 0; i < values.length; i++) {
      JsonNode item = node.get(i);
      if (!item.isNumber()) throw Decoders.expected("a number", item);
      values[i] = item.doubleValue();
      if (!(values[i] >= 0 && values[i] <= 100)) {
        throw RpcException.server(
            String.format(Locale.ROOT, "invalid reward percentile: %f", values[i]));
      }
      if (i > 0 && values[i] <= values[i - 1]) {
        throw RpcException.server(
            String.format(
                Locale.ROOT,
                "invalid reward percentile: #%d:%f >= #%d:%f",
                i - 1,
                values[i - 1],
                i,
                values[i]));
      }
    }
    return new Percentiles(values);
  }
}
