package io.semper.lightclient.upstream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// JSON-RPC 2.0 as bytes.
final class Wire {
  private static final int MAX_NUMBER_CHARS = 100;
  private static final int MAX_NAME_CHARS = 256;
  private static final int MAX_ERROR_CHARS = 300;

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(UpstreamLimits.MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER_CHARS)
                          .maxNameLength(MAX_NAME_CHARS)
                          // The reply as a whole is bounded already, and its tokens are paid for.
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private Wire() {}

  static byte[] encode(List<Call> calls) {
    ArrayNode batch = JSON.createArrayNode();
    for (int i = 0; i < calls.size(); i++) {
      ObjectNode request = batch.addObject().put("jsonrpc", "2.0").put("id", i);
      request.put("method", calls.get(i).method());
      request.set("params", calls.get(i).params());
    }
    try {
      return JSON.writeValueAsBytes(calls.size() == 1 ? batch.get(0) : batch);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// A parser that pays for tokens, some at a time, before it reads them: what a short reply of
  /// nothing but brackets becomes is many times as large.
  private static final class PaidParser extends JsonParserDelegate {
    private static final int TOKENS = 64;

    private final Allowance allowance;
    private int paid;

    private PaidParser(JsonParser parser, Allowance allowance) {
      super(parser);
      this.allowance = allowance;
    }

    @Override
    public JsonToken nextToken() throws IOException {
      if (paid == 0) {
        allowance.take(TOKENS * UpstreamLimits.TOKEN_BYTES);
        paid = TOKENS;
      }
      paid--;
      return delegate.nextToken();
    }
  }

  /// Replies in the order of `calls` calls; what is not answered is an error of its own.
  ///
  /// @param allowance pays for what they take in memory beside the body, which is paid for
  /// @throws IOException where this is no reply to so many calls, or too large
  static List<Reply> decode(byte[] body, int calls, Allowance allowance) throws IOException {
    JsonNode root;
    try (JsonParser parser = new PaidParser(JSON.createParser(body), allowance)) {
      root = JSON.readTree(parser);
    }
    if (root == null || !root.isContainerNode()) {
      throw new IOException("no JSON-RPC reply");
    }
    if (calls == 1 && root.isArray() && root.size() == 1) {
      root = root.get(0);
    }
    List<Reply> replies = new ArrayList<>();
    if (calls == 1) {
      replies.add(reply(root));
      return replies;
    }
    if (root.isObject()) {
      if (reply(root) instanceof Reply.Failure refused) {
        throw new BatchRefusedException(refused.message());
      }
      throw new IOException("one reply to a batch of " + calls);
    }
    if (root.size() > calls) {
      throw new IOException(root.size() + " replies to a batch of " + calls);
    }
    JsonNode[] byId = new JsonNode[calls];
    for (JsonNode each : root) {
      JsonNode id = each.path("id");
      if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= calls) {
        throw new IOException("a reply to what was not asked");
      }
      byId[id.intValue()] = each;
    }
    for (JsonNode each : byId) {
      replies.add(each == null ? new Reply.Failure(0, "not answered", null) : reply(each));
    }
    return replies;
  }

  private static Reply reply(JsonNode reply) throws IOException {
    if (reply.hasNonNull("error")) {
      JsonNode error = reply.get("error");
      String message = error.path("message").asText("");
      return new Reply.Failure(
          error.path("code").asInt(),
          message.length() > MAX_ERROR_CHARS ? message.substring(0, MAX_ERROR_CHARS) : message,
          error.get("data"));
    }
    if (!reply.has("result")) {
      throw new IOException("neither result nor error");
    }
    return new Reply.Result(reply.get("result"));
  }

  /// The node takes no batches, or none as large.
  static final class BatchRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    BatchRefusedException(String message) {
      super(message);
    }
  }
}
