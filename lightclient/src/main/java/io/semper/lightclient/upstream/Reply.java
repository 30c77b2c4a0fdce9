package io.semper.lightclient.upstream;

import com.fasterxml.jackson.databind.JsonNode;

/// What a node says to one call.
public sealed interface Reply {
  /// The result, or what the error stands for where the call has none.
  ///
  /// @throws RefusedException where the node answered with an error
  JsonNode result() throws RefusedException;

  record Result(JsonNode result) implements Reply {}

  /// @param data `null` for none
  record Failure(int code, String message, JsonNode data) implements Reply {
    @Override
    public JsonNode result() throws RefusedException {
      throw new RefusedException(message + " (code " + code + ")");
    }
  }

  /// An error instead of a result. Others may know.
  final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean unknown;

    public RefusedException(String message) {
      this(message, false);
    }

    /// @param unknown the node does not have what it was asked for
    public RefusedException(String message, boolean unknown) {
      super(message, null, false, false);
      this.unknown = unknown;
    }

    boolean unknown() {
      return unknown;
    }
  }

  /// The result of a reply for which `null` means that the node does not have what was asked for.
  static JsonNode found(Reply reply) throws RefusedException {
    JsonNode result = reply.result();
    if (result.isNull()) {
      throw new RefusedException("not known there", true);
    }
    return result;
  }
}
