package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.RpcException;
import java.util.List;

/// Storage slots of one account.
public record StorageKeys(List<StorageKey> keys) {
  /// As in go-ethereum.
  public static final int MAX_KEYS = 1024;

  public static StorageKeys fromJson(JsonNode node) {
    if (node.isArray() && node.size() > MAX_KEYS) {
      throw RpcException.invalidParams(
          "too many storage keys requested (max " + MAX_KEYS + ", got " + node.size() + ")");
    }
    return new StorageKeys(Decoders.list(node, MAX_KEYS, StorageKey::fromJson));
  }
}
