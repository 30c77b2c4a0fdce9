package io.semper.rpc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/// The methods for programs of the same process, without a server between: an Ethereum provider as
/// of EIP-1193, and text to text for bridges that carry JSON.
///
/// Safe for use by several threads. Notifications come on a thread of their own, in order.
public final class Provider implements AutoCloseable {
  /// EIP-1193: the method is not supported.
  public static final int UNSUPPORTED = 4200;

  /// EIP-1193: there is nobody who could answer.
  public static final int DISCONNECTED = 4900;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Exchange exchange;
  private final RpcLimits limits;
  private final Consumer<String> messages;
  private final BlockingQueue<String> queue;
  private final Map<String, Runnable> subscriptions = new ConcurrentHashMap<>();
  private final ThreadLocal<List<Runnable>> afterReply = ThreadLocal.withInitial(ArrayList::new);
  private final Thread thread;

  /// An answer that is an error.
  public static final class ProviderException extends Exception {
    private static final long serialVersionUID = 1L;
    private final int code;
    private final transient JsonNode data;

    private ProviderException(int code, String message, JsonNode data) {
      super(message);
      this.code = code;
      this.data = data;
    }

    /// As of EIP-1193 and EIP-1474.
    public int code() {
      return code;
    }

    /// `null` for none.
    public JsonNode data() {
      return data;
    }
  }

  /// @param messages receives notifications of subscriptions as JSON-RPC; who takes none for so
  ///   long that the queue is full loses his subscriptions
  public Provider(Dispatcher dispatcher, RpcLimits limits, Consumer<String> messages) {
    this.limits = limits;
    this.messages = messages;
    exchange = new Exchange(dispatcher, limits);
    queue = new ArrayBlockingQueue<>(limits.maxQueuedMessages());
    thread = Thread.ofVirtual().name("provider-messages").start(this::deliver);
  }

  /// Calls a method.
  ///
  /// @param params an array
  public JsonNode request(String method, JsonNode params) throws ProviderException {
    ObjectNode call = JSON.createObjectNode().put("jsonrpc", "2.0").put("id", 1);
    call.put("method", method).set("params", params);
    JsonNode reply;
    try {
      reply = JSON.readTree(exchange(call.toString()));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
    JsonNode error = reply.get("error");
    if (error != null) {
      throw new ProviderException(
          code(error.path("code").asInt()), error.path("message").asText(), error.get("data"));
    }
    return reply.get("result");
  }

  private static int code(int code) {
    return switch (code) {
      case RpcException.METHOD_NOT_FOUND -> UNSUPPORTED;
      case RpcException.UNAVAILABLE -> DISCONNECTED;
      default -> code;
    };
  }

  /// Answers a JSON-RPC request or batch; empty where there are only notifications in it.
  public String exchange(String request) {
    List<Runnable> after = afterReply.get();
    after.clear();
    byte[] reply =
        exchange.answer(
            request.getBytes(StandardCharsets.UTF_8), Optional.of(new Listener()), null);
    after.forEach(Runnable::run);
    after.clear();
    return reply == null ? "" : new String(reply, StandardCharsets.UTF_8);
  }

  private void deliver() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        messages.accept(queue.take());
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    endAll();
  }

  private void endAll() {
    subscriptions.keySet().forEach(this::end);
  }

  private boolean end(String id) {
    Runnable onEnd = subscriptions.remove(id);
    if (onEnd != null) {
      onEnd.run();
    }
    return onEnd != null;
  }

  private final class Listener implements Subscriber {
    @Override
    public boolean push(String message) {
      boolean room = thread.isAlive() && queue.offer(message);
      if (!room) {
        endAll();
      }
      return room;
    }

    /// Long messages are not told apart here: they are made in memory, and sent whole.
    @Override
    public OutputStream stream() {
      return new ByteArrayOutputStream() {
        @Override
        public void close() {
          push(toString(StandardCharsets.UTF_8));
        }
      };
    }

    @Override
    public void afterReply(Runnable action) {
      afterReply.get().add(action);
    }

    @Override
    public void addSubscription(String id, Runnable onEnd) {
      int most = limits.maxSubscriptionsPerConnection();
      if (subscriptions.size() >= most) {
        throw RpcException.limit(
            "too many subscriptions", most, "--rpc-max-subscriptions-per-connection");
      }
      subscriptions.put(id, onEnd);
    }

    @Override
    public boolean endSubscription(String id) {
      return end(id);
    }
  }
}
