package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.rpc.RpcException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Slots of several accounts, for `eth_getStorageValues`.
public record SlotRequest(Map<Address, List<Hash32>> slots) {
  /// As in go-ethereum.
  public static final int MAX_SLOTS = 1024;

  public static SlotRequest fromJson(JsonNode node) {
    Decoders.requireObject(node);
    Map<Address, List<Hash32>> slots = new LinkedHashMap<>();
    int total = 0;
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      List<Hash32> keys = Decoders.list(entry.getValue(), Integer.MAX_VALUE, Decoders::hash);
      total += keys.size();
      if (total > MAX_SLOTS) {
        throw new RpcException(
            RpcException.LIMIT_EXCEEDED,
            "too many slots (max " + MAX_SLOTS + ")",
            Map.of("limit", (double) MAX_SLOTS));
      }
      slots.put(Decoders.address(TextNode.valueOf(entry.getKey())), keys);
    }
    if (total == 0) {
      throw RpcException.invalidParams("empty request");
    }
    return new SlotRequest(slots);
  }
}
