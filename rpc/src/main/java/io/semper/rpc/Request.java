package io.semper.rpc;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// One JSON-RPC request as received.
///
/// @param id `null` where absent: a notification, which gets no reply
/// @param method `null` where the object is no valid request
/// @param params `null` where absent
record Request(JsonNode id, String method, JsonNode params) {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_NUMBER_CHARS = 100;
  private static final int MAX_NAME_CHARS = 1000;
  private static final int MAX_ID_CHARS = 1000;

  private static final Request INVALID = new Request(null, null, null);

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder()
              .recyclerPool(Exchange.BUFFERS)
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(MAX_DEPTH)
                      .maxNumberLength(MAX_NUMBER_CHARS)
                      .maxNameLength(MAX_NAME_CHARS)
                      // The body as a whole is bounded already.
                      .maxStringLength(Integer.MAX_VALUE)
                      .build())
              .build());

  /// A body: one request, or an array of them.
  record Body(boolean batch, List<Request> requests) {}

  boolean isNotification() {
    return method != null && id == null;
  }

  /// @throws RpcException where the body is not JSON, or a batch is empty or too long
  static Body parse(byte[] json, int maxBatch) {
    try (JsonParser in = MAPPER.createParser(json)) {
      JsonToken first = in.nextToken();
      if (first == null) {
        throw new RpcException(RpcException.PARSE, "parse error: empty request");
      }
      Body body =
          first == JsonToken.START_ARRAY
              ? new Body(true, batch(in, maxBatch))
              : new Body(false, List.of(one(in)));
      if (in.nextToken() != null) {
        throw new RpcException(
            RpcException.PARSE, "parse error: text after the end of the request");
      }
      return body;
    } catch (com.fasterxml.jackson.core.JsonProcessingException bad) {
      throw new RpcException(RpcException.PARSE, "parse error: " + bad.getOriginalMessage());
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static List<Request> batch(JsonParser in, int maxBatch) throws IOException {
    List<Request> requests = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      if (requests.size() == maxBatch) {
        throw RpcException.limit("batch too large", maxBatch, "--rpc-max-batch");
      }
      requests.add(one(in));
    }
    if (requests.isEmpty()) {
      throw new RpcException(RpcException.INVALID_REQUEST, "empty batch");
    }
    return requests;
  }

  private static Request one(JsonParser in) throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      in.skipChildren();
      return INVALID;
    }
    JsonNode id = null;
    JsonNode params = null;
    JsonNode version = null;
    JsonNode method = null;
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      in.nextToken();
      switch (name) {
        case "id" -> id = MAPPER.readTree(in);
        case "params" -> params = MAPPER.readTree(in);
        case "jsonrpc" -> version = MAPPER.readTree(in);
        case "method" -> method = MAPPER.readTree(in);
        default -> in.skipChildren();
      }
    }
    if (id != null && !validId(id)) {
      return INVALID;
    }
    boolean valid =
        version != null
            && "2.0".equals(version.textValue())
            && method != null
            && method.isTextual()
            && (params == null || params.isNull() || params.isContainerNode());
    return valid ? new Request(id, method.textValue(), params) : new Request(id, null, null);
  }

  private static boolean validId(JsonNode id) {
    return id.isNumber()
        || id.isNull()
        || id.isTextual() && id.textValue().length() <= MAX_ID_CHARS;
  }
}
