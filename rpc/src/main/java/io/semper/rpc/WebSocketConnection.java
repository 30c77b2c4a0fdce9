package io.semper.rpc;

import io.javalin.websocket.WsContext;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
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

  /// One pong may be lost in a pause of the peer or of ours.
  private static final int MAX_SILENT_PINGS = 2;

  private final Session session;
  private final Exchange exchange;
  private final RpcLimits limits;
  private final Set<WebSocketConnection> registry;
  private final Semaphore places;

  // Guarded by this.
  private final ArrayDeque<Outgoing> queue = new ArrayDeque<>();
  private final Map<String, Runnable> subscriptions = new HashMap<>();
  private long queuedChars;
  private boolean ended;

  // Touched by the pinger only.
  private long bytesInAtLastPing = -1;
  private int silentPings;

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
    byte[] reply = exchange.answer(message, Optional.of(call), this::stream);
    Whole whole = reply == null ? null : new Whole(new String(reply, StandardCharsets.UTF_8));
    // The writer takes nothing meanwhile: who reads that a subscription is made must miss nothing
    // that happens from then on, and what it is told comes after that reply.
    synchronized (this) {
      if (whole == null || sendReply(whole)) {
        call.afterReply.forEach(Runnable::run);
      }
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
    public OutputStream stream() throws IOException {
      return WebSocketConnection.this.stream();
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
      Whole whole = new Whole(message);
      if (hasRoom(whole)) {
        enqueue(whole);
        return true;
      }
    }
    close(POLICY, "reading too slowly: more than " + limits.maxQueuedMessages() + " messages wait");
    return false;
  }

  /// A message whose end need not exist when its beginning leaves.
  private synchronized OutputStream stream() throws IOException {
    Pieces pieces = new Pieces();
    if (!sendReply(pieces)) {
      throw new IOException("the connection has ended");
    }
    return pieces;
  }

  /// A reply waits for room: its caller asked for it. Returns whether it was queued.
  private synchronized boolean sendReply(Outgoing reply) {
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

  private boolean hasRoom(Outgoing message) {
    return queue.size() < limits.maxQueuedMessages()
        && queuedChars + message.chars() <= limits.maxQueuedBytes();
  }

  private void enqueue(Outgoing message) {
    queue.add(message);
    queuedChars += message.chars();
    notifyAll();
  }

  /// What waits for the writer.
  private sealed interface Outgoing {
    /// Characters it holds while it waits.
    int chars();
  }

  private record Whole(String text) implements Outgoing {
    @Override
    public int chars() {
      return text.length();
    }
  }

  /// One message handed to the writer piece by piece; one piece exists at a time. State is guarded
  /// by the connection.
  private final class Pieces extends OutputStream implements Outgoing {
    private String piece;
    private boolean last;
    private boolean closed;

    /// Bytes of a character that is not complete yet.
    private byte[] begun = new byte[0];

    @Override
    public int chars() {
      return 0;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      byte[] all = Arrays.copyOf(begun, begun.length + length);
      System.arraycopy(bytes, offset, all, begun.length, length);
      int whole = wholeCharacters(all);
      begun = Arrays.copyOfRange(all, whole, all.length);
      if (whole > 0) {
        hand(new String(all, 0, whole, StandardCharsets.UTF_8), false);
      }
    }

    @Override
    public void close() throws IOException {
      if (!closed) {
        closed = true;
        hand("", true);
      }
    }

    private void hand(String text, boolean end) throws IOException {
      synchronized (WebSocketConnection.this) {
        try {
          // The writer's own time limit ends this where the reader is too slow.
          while (piece != null && !ended) {
            WebSocketConnection.this.wait();
          }
        } catch (InterruptedException stopping) {
          Thread.currentThread().interrupt();
          throw new IOException(stopping);
        }
        if (ended) {
          throw new IOException("the connection has ended");
        }
        piece = text;
        last = end;
        WebSocketConnection.this.notifyAll();
      }
    }

    /// The next piece, `null` where the connection has ended.
    String take() throws InterruptedException {
      synchronized (WebSocketConnection.this) {
        while (piece == null && !ended) {
          WebSocketConnection.this.wait();
        }
        return ended ? null : piece;
      }
    }

    /// Makes room for the next piece.
    void taken() {
      synchronized (WebSocketConnection.this) {
        piece = null;
        WebSocketConnection.this.notifyAll();
      }
    }
  }

  /// How many bytes from the start on are complete UTF-8 characters.
  private static int wholeCharacters(byte[] bytes) {
    int start = bytes.length;
    while (start > 0 && bytes.length - start < 4) {
      int lead = bytes[--start];
      if (lead >= 0) {
        return bytes.length;
      }
      if ((lead & 0xC0) == 0xC0) {
        int size = (lead & 0xF0) == 0xF0 ? 4 : (lead & 0xE0) == 0xE0 ? 3 : 2;
        return bytes.length - start < size ? start : bytes.length;
      }
    }
    return bytes.length;
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
      for (Outgoing next = take(); next != null; next = take()) {
        switch (next) {
          case Whole whole -> {
            Callback.Completable sent = new Callback.Completable();
            session.sendText(whole.text, sent);
            sent.get(limits.writeTimeoutMillis(), TimeUnit.MILLISECONDS);
          }
          case Pieces pieces -> write(pieces);
        }
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

  private void write(Pieces pieces)
      throws InterruptedException, ExecutionException, TimeoutException {
    boolean last = false;
    while (!last) {
      String text = pieces.take();
      if (text == null) {
        return;
      }
      last = pieces.last;
      Callback.Completable sent = new Callback.Completable();
      session.sendPartialText(text, last, sent);
      sent.get(limits.writeTimeoutMillis(), TimeUnit.MILLISECONDS);
      pieces.taken();
    }
  }

  private synchronized Outgoing take() throws InterruptedException {
    while (queue.isEmpty() && !ended) {
      wait();
    }
    if (ended) {
      return null;
    }
    Outgoing next = queue.poll();
    queuedChars -= next.chars();
    notifyAll();
    return next;
  }

  /// Asks for a sign of life, or drops a peer that gave none after the last two times.
  void ping() {
    long bytesIn = bytesIn();
    silentPings = bytesIn == bytesInAtLastPing ? silentPings + 1 : 0;
    if (silentPings == MAX_SILENT_PINGS) {
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
