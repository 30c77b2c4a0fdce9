package io.semper.rpc;

import io.javalin.websocket.WsContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.common.WebSocketSession;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;

/// One WebSocket: requests in, replies and notifications out.
///
/// Requests run on threads of their own, a bounded number at a time; the reading thread waits for a
/// free place, so a flood is held back by TCP itself. All that leaves goes through one bounded
/// queue drained by one writer. A reader too slow for its notifications is closed with a reason.
final class WebSocketConnection {
  private static final String ATTRIBUTE = "semper-connection";

  /// Policy violation (RFC 6455): what slow readers are closed with.
  private static final int POLICY = 1008;

  private static final int CLOSE_REASON_BYTES = 120;

  private final Session session;
  private final Exchange exchange;
  private final RpcLimits limits;
  private final Set<WebSocketConnection> registry;
  private final Semaphore places;

  // Guarded by this.
  private final ArrayDeque<String> queue = new ArrayDeque<>();
  private final Map<String, Runnable> subscriptions = new HashMap<>();
  private long queuedChars;
  private boolean ended;

  // Touched by the pinger only.
  private long bytesInAtLastPing = -1;

  private WebSocketConnection(
      Session session, Exchange exchange, RpcLimits limits, Set<WebSocketConnection> registry) {
    this.session = session;
    this.exchange = exchange;
    this.limits = limits;
    this.registry = registry;
    places = new Semaphore(limits.maxPerWebSocket());
  }

  static void open(
      WsContext ctx, Exchange exchange, RpcLimits limits, Set<WebSocketConnection> registry) {
    WebSocketConnection connection =
        new WebSocketConnection(ctx.session, exchange, limits, registry);
    ctx.attribute(ATTRIBUTE, connection);
    registry.add(connection);
    Thread.ofVirtual().name("rpc-ws-writer").start(connection::writeUntilEnded);
  }

  static WebSocketConnection of(WsContext ctx) {
    return ctx.attribute(ATTRIBUTE);
  }

  /// Called by the thread that reads the socket, which waits here while too much is in work.
  void receive(byte[] message) {
    try {
      places.acquire();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return;
    }
    Thread.ofVirtual()
        .name("rpc-ws-call")
        .start(() -> {
          try {
            answer(message);
          } finally {
            places.release();
          }
        });
  }

  private void answer(byte[] message) {
    Call call = new Call();
    byte[] reply = exchange.answer(message, Optional.of(call), null);
    if (reply == null || sendReply(new String(reply, StandardCharsets.UTF_8))) {
      call.afterReply.forEach(Runnable::run);
    }
  }

  /// What one request sees of its connection.
  private final class Call implements Subscriber {
    private final List<Runnable> afterReply = new ArrayList<>();

    @Override
    public boolean push(String message) {
      return WebSocketConnection.this.push(message);
    }

    @Override
    public void afterReply(Runnable action) {
      afterReply.add(action);
    }

    @Override
    public void addSubscription(String id, Runnable onEnd) {
      WebSocketConnection.this.addSubscription(id, onEnd);
    }

    @Override
    public boolean endSubscription(String id) {
      return WebSocketConnection.this.endSubscription(id);
    }
  }

  private boolean push(String message) {
    synchronized (this) {
      if (ended) {
        return false;
      }
      if (hasRoom(message)) {
        enqueue(message);
        return true;
      }
    }
    close(POLICY, "reading too slowly: more than " + limits.maxQueuedMessages() + " messages wait");
    return false;
  }

  /// A reply waits for room: its caller asked for it. Returns whether it was queued.
  private synchronized boolean sendReply(String reply) {
    long giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limits.writeTimeoutMillis());
    try {
      while (!ended && !queue.isEmpty() && !hasRoom(reply)) {
        long left = TimeUnit.NANOSECONDS.toMillis(giveUp - System.nanoTime());
        if (left <= 0) {
          return false;
        }
        wait(left);
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return false;
    }
    if (!ended) {
      enqueue(reply);
    }
    return !ended;
  }

  private boolean hasRoom(String message) {
    return queue.size() < limits.maxQueuedMessages()
        && queuedChars + message.length() <= limits.maxQueuedBytes();
  }

  private void enqueue(String message) {
    queue.add(message);
    queuedChars += message.length();
    notifyAll();
  }

  private synchronized void addSubscription(String id, Runnable onEnd) {
    if (subscriptions.size() >= limits.maxSubscriptionsPerConnection()) {
      throw RpcException.limit(
          "too many subscriptions on this connection",
          limits.maxSubscriptionsPerConnection(),
          "--rpc-max-subscriptions-per-connection");
    }
    if (ended) {
      onEnd.run();
    } else {
      subscriptions.put(id, onEnd);
    }
  }

  private boolean endSubscription(String id) {
    Runnable onEnd;
    synchronized (this) {
      onEnd = subscriptions.remove(id);
    }
    if (onEnd == null) {
      return false;
    }
    onEnd.run();
    return true;
  }

  private void writeUntilEnded() {
    try {
      for (String next = take(); next != null; next = take()) {
        Callback.Completable sent = new Callback.Completable();
        session.sendText(next, sent);
        sent.get(limits.writeTimeoutMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (TimeoutException slow) {
      close(
          POLICY, "reading too slowly: a message took over " + limits.writeTimeoutMillis() + " ms");
      session.disconnect();
    } catch (ExecutionException gone) {
      session.disconnect();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    } finally {
      ended();
    }
  }

  private synchronized String take() throws InterruptedException {
    while (queue.isEmpty() && !ended) {
      wait();
    }
    if (ended) {
      return null;
    }
    String next = queue.poll();
    queuedChars -= next.length();
    notifyAll();
    return next;
  }

  /// Asks for a sign of life, or drops a peer that gave none since it was last asked.
  void ping() {
    long bytesIn = bytesIn();
    if (bytesIn == bytesInAtLastPing) {
      session.disconnect();
      ended();
      return;
    }
    bytesInAtLastPing = bytesIn;
    session.sendPing(ByteBuffer.allocate(0), Callback.NOOP);
  }

  private long bytesIn() {
    WebSocketCoreSession core =
        (WebSocketCoreSession) ((WebSocketSession) session).getCoreSession();
    return core.getConnection().getBytesIn();
  }

  void close(int code, String reason) {
    String cut =
        reason.length() > CLOSE_REASON_BYTES ? reason.substring(0, CLOSE_REASON_BYTES) : reason;
    session.close(code, cut, Callback.NOOP);
    ended();
  }

  /// Called when the connection is over, by whoever notices; later calls do nothing.
  void ended() {
    List<Runnable> actions;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      queue.clear();
      actions = List.copyOf(subscriptions.values());
      subscriptions.clear();
      notifyAll();
    }
    registry.remove(this);
    actions.forEach(Runnable::run);
  }
}
