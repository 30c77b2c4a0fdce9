package io.semper.rpc;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Tells what the server serves.
final class Discovery {
  private static final String OPENRPC_VERSION = "1.3.2";

  private final Map<String, RpcMethod> methods;

  Discovery(Map<String, RpcMethod> methods) {
    this.methods = methods;
  }

  @Rpc("rpc_modules")
  Map<String, String> modules() {
    Map<String, String> modules = new TreeMap<>();
    for (String name : methods.keySet()) {
      modules.put(MethodPolicy.namespace(name), "1.0");
    }
    return modules;
  }

  /// An OpenRPC document.
  @Rpc("rpc.discover")
  Map<String, Object> discover() {
    List<Object> described = new ArrayList<>();
    for (RpcMethod method : methods.values()) {
      described.add(describe(method));
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("openrpc", OPENRPC_VERSION);
    document.put("info", Map.of("title", "Semper JSON-RPC", "version", "1.0"));
    document.put("methods", described);
    return document;
  }

  private static Map<String, Object> describe(RpcMethod method) {
    List<Object> params = new ArrayList<>();
    for (RpcMethod.Slot slot : method.slots()) {
      if (slot.decoder() != null) {
        Map<String, Object> param = new LinkedHashMap<>();
        param.put("name", slot.name());
        param.put("required", !slot.omittable());
        param.put("schema", schema(slot.type()));
        params.add(param);
      }
    }
    Map<String, Object> description = new LinkedHashMap<>();
    description.put("name", method.name());
    description.put("paramStructure", "by-position");
    description.put("params", params);
    description.put("result", Map.of("name", "result", "schema", schema(method.resultType())));
    return description;
  }

  private static Map<String, Object> schema(Class<?> type) {
    if (type == Address.class) return pattern("^0x[0-9a-fA-F]{40}$");
    if (type == Hash32.class) return pattern("^0x[0-9a-f]{64}$");
    if (type == byte[].class) return pattern("^0x([0-9a-fA-F]{2})*$");
    if (type == UInt256.class || type == Long.class || type == long.class) {
      return pattern("^0x(0|[1-9a-f][0-9a-f]*)$");
    }
    if (type == boolean.class || type == Boolean.class) return Map.of("type", "boolean");
    if (type == String.class) return Map.of("type", "string");
    if (List.class.isAssignableFrom(type)) return Map.of("type", "array");
    return Map.of("title", type.getSimpleName());
  }

  private static Map<String, Object> pattern(String regex) {
    return Map.of("type", "string", "pattern", regex);
  }
}
