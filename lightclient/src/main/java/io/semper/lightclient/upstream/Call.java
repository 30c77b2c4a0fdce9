package io.semper.lightclient.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.semper.core.bytes.Hash32;
import java.util.List;

/// One call of a JSON-RPC method.
public record Call(String method, ArrayNode params) {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /// @param params JSON, or a boolean, a list, or anything whose text form stands for it
  public static Call of(String method, Object... params) {
    ArrayNode array = JSON.arrayNode();
    for (Object param : params) {
      array.add(json(param));
    }
    return new Call(method, array);
  }

  private static JsonNode json(Object param) {
    return switch (param) {
      case JsonNode node -> node;
      case Boolean bool -> JSON.booleanNode(bool);
      case List<?> list -> {
        ArrayNode array = JSON.arrayNode();
        list.forEach(each -> array.add(json(each)));
        yield array;
      }
      default -> JSON.textNode(param.toString());
    };
  }

  /// A block named by its hash (EIP-1898).
  public static ObjectNode block(Hash32 hash) {
    return JSON.objectNode().put("blockHash", hash.toString());
  }

  public static String quantity(long unsigned) {
    return "0x" + Long.toHexString(unsigned);
  }
}
