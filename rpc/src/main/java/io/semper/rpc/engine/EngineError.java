package io.semper.rpc.engine;

import io.semper.rpc.RpcException;
import java.util.Map;

/// The errors of the Engine API, by code.
final class EngineError {
  private static final int UNKNOWN_PAYLOAD = -38001;
  private static final int INVALID_FORKCHOICE_STATE = -38002;
  private static final int INVALID_PAYLOAD_ATTRIBUTES = -38003;
  private static final int TOO_LARGE_REQUEST = -38004;
  private static final int UNSUPPORTED_FORK = -38005;
  private static final int TOO_DEEP_REORG = -38006;

  private EngineError() {}

  static RpcException unknownPayload() {
    return new RpcException(UNKNOWN_PAYLOAD, "Unknown payload");
  }

  static RpcException invalidForkchoiceState(String reason) {
    return error(INVALID_FORKCHOICE_STATE, "Invalid forkchoice state", reason);
  }

  static RpcException invalidPayloadAttributes(String reason) {
    return error(INVALID_PAYLOAD_ATTRIBUTES, "Invalid payload attributes", reason);
  }

  static RpcException tooLargeRequest(String reason) {
    return error(TOO_LARGE_REQUEST, "Too large request", reason);
  }

  static RpcException unsupportedFork(String reason) {
    return error(UNSUPPORTED_FORK, "Unsupported fork", reason);
  }

  static RpcException tooDeepReorg(String reason) {
    return error(TOO_DEEP_REORG, "Too deep reorg", reason);
  }

  /// The reason goes where go-ethereum has it.
  private static RpcException error(int code, String message, String reason) {
    return new RpcException(code, message, Map.of("err", reason));
  }
}
