package io.semper.rpc;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.json.Json;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From the bytes of a request or batch to the bytes of its reply, whatever carries them.
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final JsonFactory JSON = new JsonFactory();

  /// Room for an error reply beyond the limit a result may fill.
  private static final int ERROR_ROOM = 4096;

  private final Dispatcher dispatcher;
  private final RpcLimits limits;
  private final Semaphore running;

  Exchange(Dispatcher dispatcher, RpcLimits limits) {
    this.dispatcher = dispatcher;
    this.limits = limits;
    running = new Semaphore(limits.maxConcurrent(), true);
  }

  /// The reply, or `null` where there were only notifications.
  byte[] answer(byte[] body, Optional<Subscriber> subscriber) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(limits.timeoutMillis());
    CallContext context = new CallContext(System.nanoTime() + nanos, subscriber);
    try {
      if (!running.tryAcquire(nanos, TimeUnit.NANOSECONDS)) {
        throw RpcException.limit(
            "too many requests in work", limits.maxConcurrent(), "--rpc-max-concurrent");
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return error(new RpcException(RpcException.UNAVAILABLE, "server is stopping"));
    } catch (RpcException busy) {
      return error(busy);
    }
    try {
      return answer(Request.parse(body, limits.maxBatch()), context);
    } catch (RpcException bad) {
      return error(bad);
    } finally {
      running.release();
    }
  }

  private byte[] answer(Request.Body body, CallContext context) {
    ReplyBuffer out = new ReplyBuffer();
    int limit = body.batch() ? limits.maxBatchResponseBytes() : limits.maxResponseBytes();
    for (Request request : body.requests()) {
      int start = out.size();
      // Every item may at least say why it has no result.
      out.limit(Math.max(limit, start) + ERROR_ROOM);
      if (!request.isNotification() && body.batch()) {
        append(out, start == 0 ? '[' : ',');
      }
      answer(request, context, out, limit);
      if (request.isNotification()) {
        out.truncate(start);
      }
    }
    if (out.size() == 0) {
      return null;
    }
    if (body.batch()) {
      out.limit(Integer.MAX_VALUE);
      append(out, ']');
    }
    return out.toBytes();
  }

  private void answer(Request request, CallContext context, ReplyBuffer out, int limit) {
    int start = out.size();
    try {
      if (request.method() == null) {
        throw new RpcException(RpcException.INVALID_REQUEST, "invalid request");
      }
      Object result = dispatcher.call(request.method(), request.params(), context);
      out.limit(Math.max(limit, start));
      writeResult(out, request.id(), result);
    } catch (RpcException error) {
      out.truncate(start);
      writeError(out, request.id(), error);
    } catch (ReplyBuffer.Full full) {
      out.truncate(start);
      writeError(
          out,
          request.id(),
          RpcException.limit("response too large", limit, "--rpc-max-response-bytes"));
    } catch (IOException | RuntimeException bug) {
      LOG.error("result of {} could not be written", request.method(), bug);
      out.truncate(start);
      writeError(out, request.id(), new RpcException(RpcException.INTERNAL, "internal error"));
    }
  }

  private static void writeResult(ReplyBuffer out, JsonNode id, Object result) throws IOException {
    JsonGenerator json = JSON.createGenerator(out);
    json.writeStartObject();
    json.writeStringField("jsonrpc", "2.0");
    Json.field(json, "id", id);
    Json.field(json, "result", result);
    json.writeEndObject();
    json.close();
  }

  private static void writeError(ReplyBuffer out, JsonNode id, RpcException error) {
    out.limit(Integer.MAX_VALUE);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("jsonrpc", "2.0");
      Json.field(json, "id", id);
      json.writeObjectFieldStart("error");
      json.writeNumberField("code", error.code());
      json.writeStringField("message", error.getMessage());
      Json.fieldIfSet(json, "data", error.data());
      json.writeEndObject();
      json.writeEndObject();
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static byte[] error(RpcException error) {
    ReplyBuffer out = new ReplyBuffer();
    writeError(out, null, error);
    return out.toBytes();
  }

  private static void append(ReplyBuffer out, char c) {
    try {
      out.write(c);
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
