package io.semper.rpc;

import io.javalin.http.HttpResponseException;
import io.semper.rpc.Request.Body;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers posts to `/`, and leaves everything else to those behind it, once it may pass.
///
/// Stands before servlets and routes, which cost more than most answers do.
final class PostHandler extends Handler.Wrapper {
  private static final Logger LOG = LoggerFactory.getLogger(PostHandler.class);

  static final String JSON = "application/json";

  /// All that strangers are told of a fault in here.
  static final String INTERNAL = "internal error";

  private static final Set<String> JSON_TYPES =
      Set.of(JSON, "application/json-rpc", "application/jsonrequest");

  private static final int READ_CHUNK_BYTES = 64 * 1024;

  /// Longer bodies are many calls, or large ones.
  private static final int MAX_PROMPT_BODY_BYTES = 4096;

  /// Of a body that is not wanted, before the answer.
  private static final long MAX_DRAINED_BYTES = 64 << 20;

  private static final long DRAIN_MILLIS = 5_000;

  /// While it drains it waits so long for more, twice as long each time it waited in vain.
  private static final long FIRST_DRAIN_WAIT_MILLIS = 1;

  private static final long LAST_DRAIN_WAIT_MILLIS = 128;

  /// Shorter replies fit a packet as they are.
  private static final int MIN_ZIPPED_BYTES = 1_500;

  private final RpcConfig config;
  private final Access access;
  private final Gate gate;
  private final Exchange exchange;

  PostHandler(RpcConfig config, Access access, Gate gate, Exchange exchange) {
    this.config = config;
    this.access = access;
    this.gate = gate;
    this.exchange = exchange;
  }

  /// Called by the thread that watches the connections. Nothing here waits: what may wait, or takes
  /// its time, gets a thread of its own.
  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    attempt(request, response, callback, () -> begin(request, response, callback));
    return true;
  }

  /// A step on the way to an answer.
  private interface Step {
    void run() throws Exception;
  }

  /// The top of each thread's part in an answer, but for a refusal.
  private static void attempt(Request request, Response response, Callback callback, Step step) {
    try {
      step.run();
    } catch (HttpResponseException refusal) {
      refuse(request, response, callback, refusal.getStatus(), refusal.getMessage());
    } catch (Throwable bug) {
      if (bug instanceof RuntimeException && !response.isCommitted()) {
        LOG.error("a request failed", bug);
        refuse(request, response, callback, 500, INTERNAL);
      } else {
        callback.failed(bug);
      }
    }
  }

  private void begin(Request request, Response response, Callback callback) throws IOException {
    pass(request.getHeaders(), response.getHeaders());
    if (!HttpMethod.POST.is(request.getMethod())
        || !"/".equals(Request.getPathInContext(request))) {
      onThread(request, response, callback, () -> handOn(request, response, callback));
      return;
    }
    requireJson(request.getHeaders().get(HttpHeader.CONTENT_TYPE));
    boolean zips = request.getHeaders().contains(HttpHeader.ACCEPT_ENCODING, "gzip");
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
    ByteArrayOutputStream body = new ByteArrayOutputStream(expectedBytes(request));
    Body calls = takeArrived(request, body) ? parsed(body.toByteArray()) : null;
    byte[] reply = calls == null ? null : exchange.promptly(calls);
    if (reply != null) {
      write(response, callback, reply, zips);
    } else {
      onThread(
          request,
          response,
          callback,
          () -> answer(request, response, callback, body, calls, zips));
    }
  }

  /// `null` where it cannot be; what is wrong is said in its turn.
  private Body parsed(byte[] body) {
    try {
      return exchange.parse(body);
    } catch (RpcException bad) {
      return null;
    }
  }

  private static void onThread(Request request, Response response, Callback callback, Step step) {
    execute(request, () -> attempt(request, response, callback, step));
  }

  private static void execute(Request request, Runnable work) {
    request.getComponents().getExecutor().execute(work);
  }

  /// None of those behind this one gets a body.
  private void handOn(Request request, Response response, Callback callback) throws Exception {
    drain(request, response);
    if (!super.handle(request, response, callback)) {
      Response.writeError(request, response, callback, 404);
    }
  }

  private void pass(HttpFields request, HttpFields.Mutable reply) {
    String host = request.get(HttpHeader.HOST);
    String refusal = access.hostRefusal(host);
    if (refusal != null) {
      throw new HttpResponseException(403, refusal, Map.of());
    }
    String origin = request.get(HttpHeader.ORIGIN);
    if (origin != null && access.originAllowed(origin, host)) {
      boolean all = access.corsOrigins().contains("*");
      reply.put("Access-Control-Allow-Origin", all ? "*" : origin);
      reply.put(HttpHeader.VARY, "Origin");
    }
    gate.pass(request, reply);
  }

  /// @param body what of it has come
  /// @param calls what it says, `null` where that is not known yet
  private void answer(
      Request request,
      Response response,
      Callback callback,
      ByteArrayOutputStream body,
      Body calls,
      boolean zips)
      throws IOException {
    boolean[] streamed = new boolean[1];
    ReplyBuffer.Way stream =
        () -> {
          streamed[0] = true;
          OutputStream out = Content.Sink.asOutputStream(response);
          return zips ? zipped(response, out) : out;
        };
    byte[] reply;
    if (calls != null) {
      reply = exchange.answer(calls, stream);
    } else {
      readRest(request, body);
      reply = exchange.answer(body.toByteArray(), Optional.empty(), stream);
    }
    if (streamed[0]) {
      callback.succeeded();
    } else {
      write(response, callback, reply == null ? new byte[0] : reply, zips);
    }
  }

  private static void write(Response response, Callback callback, byte[] reply, boolean zips)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(reply);
    if (zips && reply.length >= MIN_ZIPPED_BYTES) {
      ByteArrayOutputStream out = new ByteArrayOutputStream(reply.length / 2);
      try (OutputStream zip = zipped(response, out)) {
        zip.write(reply);
      }
      bytes = ByteBuffer.wrap(out.toByteArray());
    }
    response.write(true, bytes, callback);
  }

  private static OutputStream zipped(Response response, OutputStream out) throws IOException {
    response.getHeaders().put(HttpHeader.CONTENT_ENCODING, "gzip");
    response.getHeaders().add(HttpHeader.VARY, HttpHeader.ACCEPT_ENCODING.asString());
    return new GZIPOutputStream(out, READ_CHUNK_BYTES) {
      {
        def.setLevel(Deflater.BEST_SPEED);
      }
    };
  }

  private void requireJson(String type) {
    if (type == null && !config.requireContentType()) {
      return;
    }
    String media = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!JSON_TYPES.contains(media)) {
      throw new HttpResponseException(
          415, "invalid content type, only application/json is supported", Map.of());
    }
  }

  private static int expectedBytes(Request request) {
    long length = request.getLength();
    return length < 0 ? READ_CHUNK_BYTES : (int) Math.min(length, READ_CHUNK_BYTES);
  }

  /// Takes what has arrived of a short body, without waiting; whether that is all of it.
  private static boolean takeArrived(Request request, ByteArrayOutputStream body) {
    long length = request.getLength();
    if (length < 0 || length > MAX_PROMPT_BODY_BYTES) {
      return false;
    }
    try {
      for (Content.Chunk chunk = request.read();
          chunk != null && !Content.Chunk.isFailure(chunk);
          chunk = request.read()) {
        byte[] bytes = new byte[chunk.remaining()];
        chunk.getByteBuffer().get(bytes);
        body.writeBytes(bytes);
        chunk.release();
        if (chunk.isLast()) {
          return true;
        }
      }
      return false;
    } catch (HttpException.RuntimeException broken) {
      throw unreadable();
    }
  }

  private void readRest(Request request, ByteArrayOutputStream body) {
    int max = config.limits().maxBodyBytes();
    if (request.getLength() > max) {
      throw tooLarge();
    }
    long nanos = TimeUnit.MILLISECONDS.toNanos(config.limits().timeoutMillis());
    long end = System.nanoTime() + nanos;
    // One byte more than is announced: the end is seen without growing.
    byte[] chunk = new byte[expectedBytes(request) + 1];
    InputStream in = Content.Source.asInputStream(request);
    for (int n = read(in, chunk); n >= 0; n = read(in, chunk)) {
      if (n > max - body.size()) {
        throw tooLarge();
      }
      if (System.nanoTime() - end > 0) {
        throw new HttpResponseException(408, "request body came too slowly", Map.of());
      }
      body.write(chunk, 0, n);
    }
  }

  /// Reads on to the end of a request that is not wanted, for a while, and keeps nothing: who is
  /// still sending when the connection is closed sees it break, not the answer. Who has stopped
  /// sending is answered soon. Where the end does not come the connection has to close, and the
  /// answer says so: the next request would be put on it otherwise, and be lost.
  private static void drain(Request request, Response response) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DRAIN_MILLIS);
    long left = MAX_DRAINED_BYTES;
    long wait = FIRST_DRAIN_WAIT_MILLIS;
    while (left > 0 && wait <= LAST_DRAIN_WAIT_MILLIS && System.nanoTime() - end < 0) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(wait));
        wait *= 2;
      } else {
        left -= chunk.remaining();
        chunk.release();
        if (chunk.isLast()) {
          break;
        }
        wait = FIRST_DRAIN_WAIT_MILLIS;
      }
    }
    if (!request.consumeAvailable()) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
  }

  /// A body that breaks off or is not framed as HTTP says is its sender's fault.
  private static int read(InputStream in, byte[] chunk) {
    try {
      return in.read(chunk);
    } catch (IOException | HttpException.RuntimeException broken) {
      throw unreadable();
    }
  }

  private static HttpResponseException unreadable() {
    return new HttpResponseException(400, "request body could not be read", Map.of());
  }

  private HttpResponseException tooLarge() {
    return new HttpResponseException(
        413,
        "request too large: at most "
            + config.limits().maxBodyBytes()
            + " bytes (--rpc-max-body-bytes)",
        Map.of());
  }

  private static void refuse(
      Request request, Response response, Callback callback, int status, String reason) {
    execute(
        request,
        () -> {
          try {
            drain(request, response);
            response.setStatus(status);
            writeRefusal(response, callback, reason);
          } catch (RuntimeException bug) {
            callback.failed(bug);
          }
        });
  }

  /// The body of what Jetty and its servlets refuse by themselves, as what is not HTTP.
  static boolean explain(Request request, Response response, Callback callback) {
    Object message = request.getAttribute(ErrorHandler.ERROR_MESSAGE);
    String reason = response.getStatus() == 500 ? INTERNAL : String.valueOf(message);
    writeRefusal(response, callback, reason);
    return true;
  }

  private static void writeRefusal(Response response, Callback callback, String reason) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
    response.write(true, ByteBuffer.wrap(refusal(reason)), callback);
  }

  /// The body of a reply to what never became a request.
  static byte[] refusal(String reason) {
    return Exchange.error(new RpcException(RpcException.INVALID_REQUEST, reason));
  }
}
