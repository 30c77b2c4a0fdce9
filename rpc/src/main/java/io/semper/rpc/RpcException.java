package io.semper.rpc;

import java.util.Map;

/// An error reply: what a method throws to answer with a JSON-RPC error.
///
/// Texts follow go-ethereum, because libraries match on them.
public final class RpcException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public static final int PARSE = -32700;
  public static final int INVALID_REQUEST = -32600;
  public static final int METHOD_NOT_FOUND = -32601;
  public static final int INVALID_PARAMS = -32602;
  public static final int INTERNAL = -32603;

  /// Anything a node refuses or cannot do, in EIP-1474's words "server error".
  public static final int SERVER = -32000;

  /// The node ran out of the time it grants, or is not ready.
  public static final int UNAVAILABLE = -32002;

  public static final int LIMIT_EXCEEDED = -32005;

  /// Execution reverted; data is what the contract returned.
  public static final int REVERTED = 3;

  /// History that this node does not keep.
  public static final int PRUNED_HISTORY = 4444;

  private final int code;
  private final transient Object data;

  public RpcException(int code, String message) {
    this(code, message, null);
  }

  /// @param data anything [io.semper.rpc.json.Json] writes, or `null` for none
  public RpcException(int code, String message, Object data) {
    super(message, null, false, false);
    this.code = code;
    this.data = data;
  }

  public static RpcException invalidParams(String message) {
    return new RpcException(INVALID_PARAMS, message);
  }

  public static RpcException server(String message) {
    return new RpcException(SERVER, message);
  }

  /// @param flag the node's command-line option that moves the limit
  public static RpcException limit(String message, long limit, String flag) {
    return new RpcException(
        LIMIT_EXCEEDED, message, Map.of("limit", (double) limit, "option", flag));
  }

  public int code() {
    return code;
  }

  /// `null` for none.
  public Object data() {
    return data;
  }
}
