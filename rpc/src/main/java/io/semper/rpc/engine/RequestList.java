package io.semper.rpc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.param.Decoders;
import java.util.List;

/// The requests a payload comes with (EIP-7685): each a type byte and data that is not empty, types
/// ascending.
public record RequestList(List<byte[]> requests) {
  /// As many as there can be types.
  private static final int MAX = 256;

  public static RequestList fromJson(JsonNode node) {
    List<byte[]> requests = Decoders.list(node, MAX, Decoders::bytes);
    int before = -1;
    for (byte[] request : requests) {
      if (request.length < 2) {
        throw new IllegalArgumentException("execution request without data");
      }
      int type = request[0] & 0xFF;
      if (type <= before) {
        throw new IllegalArgumentException(
            "execution request of type " + type + " after one of type " + before);
      }
      before = type;
    }
    return new RequestList(requests);
  }
}
