package io.semper.rpc;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.core.util.RecyclerPool;
import com.fasterxml.jackson.databind.JsonNode;
import io.semper.rpc.json.Json;
import io.semper.rpc.json.StreamedJson;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From the bytes of a request or batch to the bytes of its reply, whatever carries them.
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /// Each level of nested calls is two levels of JSON; calls nest 1,024 deep.
  private static final int MAX_NESTING = 4096;

  /// Of readers and writers of JSON. Kept here, since the thread of a request ends with it.
  static final RecyclerPool<BufferRecycler> BUFFERS = JsonRecyclerPools.newBoundedPool(64);

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .recyclerPool(BUFFERS)
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(MAX_NESTING).build())
          .build();

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

  /// The reply, or `null` where there is none to send: there were only notifications, or the reply
  /// has left already.
  ///
  /// @param stream where a long reply may leave in pieces, `null` for nowhere
  byte[] answer(byte[] body, Optional<Subscriber> subscriber, ReplyBuffer.Way stream) {
    return answer(() -> parse(body), subscriber, stream);
  }

  /// The same for a body that was read already and comes of no subscriber.
  byte[] answer(Request.Body body, ReplyBuffer.Way stream) {
    return answer(() -> body, Optional.empty(), stream);
  }

  /// @throws RpcException where it is none
  Request.Body parse(byte[] body) {
    return Request.parse(body, limits.maxBatch());
  }

  private byte[] answer(
      Supplier<Request.Body> body, Optional<Subscriber> subscriber, ReplyBuffer.Way stream) {
    CallContext context = context(subscriber);
    long nanos = TimeUnit.MILLISECONDS.toNanos(limits.timeoutMillis());
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
      return answer(body.get(), context, stream, dispatcher::call);
    } catch (RpcException bad) {
      return error(bad);
    } finally {
      running.release();
    }
  }

  /// The reply to a single call of a method that is answered at once; `null` for everything else,
  /// and where as many requests are in work as may be. Never waits.
  ///
  /// A call of these costs less than the thread it would get: receipts over 32 connections took 24
  /// microseconds of processor time with a thread each, 15 without.
  byte[] promptly(Request.Body body) {
    Request request = body.requests().getFirst();
    if (body.batch()
        || request.isNotification()
        || !dispatcher.isPrompt(request.method(), request.params())
        || !running.tryAcquire()) {
      return null;
    }
    try {
      return answer(body, context(Optional.empty()), null, dispatcher::callNow);
    } finally {
      running.release();
    }
  }

  private CallContext context(Optional<Subscriber> subscriber) {
    long nanos = TimeUnit.MILLISECONDS.toNanos(limits.timeoutMillis());
    return new CallContext(System.nanoTime() + nanos, subscriber);
  }

  /// How a method is called.
  private interface Call {
    Object of(String method, JsonNode params, CallContext context);
  }

  private byte[] answer(Request.Body body, CallContext context, ReplyBuffer.Way stream, Call call) {
    ReplyBuffer out = new ReplyBuffer();
    int limit = body.batch() ? limits.maxBatchResponseBytes() : limits.maxResponseBytes();
    for (Request request : body.requests()) {
      int start = out.size();
      // Every item may at least say why it has no result.
      out.limit(Math.max(limit, start) + ERROR_ROOM);
      if (!request.isNotification() && body.batch()) {
        append(out, start == 0 ? '[' : ',');
      }
      boolean alone = !body.batch() && !request.isNotification();
      answer(request, context, call, out, limit, alone ? stream : null);
      if (out.hasLeft()) {
        return null;
      }
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

  private void answer(
      Request request,
      CallContext context,
      Call call,
      ReplyBuffer out,
      int limit,
      ReplyBuffer.Way stream) {
    int start = out.size();
    try {
      if (request.method() == null) {
        throw new RpcException(RpcException.INVALID_REQUEST, "invalid request");
      }
      Object result = call.of(request.method(), request.params(), context);
      out.limit(Math.max(limit, start));
      if (stream != null && result instanceof StreamedJson streamed) {
        out.limit(streamed.maxBytes());
        out.sendTo(stream);
      }
      writeResult(out, request, result);
      out.sendRest();
    } catch (RpcException error) {
      out.truncate(start);
      writeError(out, request.id(), error);
    } catch (ReplyBuffer.Gone gone) {
      LOG.debug("nobody waits for the result of {} any more", request.method());
    } catch (ReplyBuffer.Full full) {
      if (out.hasLeft()) {
        LOG.warn("the result of {} is too large and was cut off", request.method());
        return;
      }
      out.truncate(start);
      writeError(
          out,
          request.id(),
          RpcException.limit("response too large", limit, "--rpc-max-response-bytes"));
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    } finally {
      if (out.hasLeft()) {
        out.end();
      }
    }
  }

  private static void writeResult(ReplyBuffer out, Request request, Object result)
      throws IOException {
    JsonGenerator json = JSON.createGenerator(out);
    json.writeStartObject();
    json.writeStringField("jsonrpc", "2.0");
    Json.field(json, "id", request.id());
    json.writeFieldName("result");
    JsonStreamContext place = json.getOutputContext();
    try {
      Json.write(json, result);
    } catch (RuntimeException problem) {
      RpcException error = Dispatcher.error(request.method(), problem);
      if (!out.hasLeft()) {
        throw error;
      }
      Json.endUnfinished(json, place);
      writeError(json, error);
    }
    json.writeEndObject();
    json.close();
  }

  private static void writeError(ReplyBuffer out, JsonNode id, RpcException error) {
    out.limit(Integer.MAX_VALUE);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("jsonrpc", "2.0");
      Json.field(json, "id", id);
      writeError(json, error);
      json.writeEndObject();
    } catch (IOException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static void writeError(JsonGenerator json, RpcException error) throws IOException {
    json.writeObjectFieldStart("error");
    json.writeNumberField("code", error.code());
    json.writeStringField("message", error.getMessage());
    Json.fieldIfSet(json, "data", error.data());
    json.writeEndObject();
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
