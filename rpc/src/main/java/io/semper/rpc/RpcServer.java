package io.semper.rpc;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP and WebSocket server: both on one port, at `/`.
///
/// JSON-RPC errors are HTTP 200. Only what never became a request has another status: 413 body too
/// large, 415 not JSON, 403 a host or web origin that is not allowed (the body names the option to
/// set), 404, 405, 503 too many WebSockets. Every body is JSON.
public final class RpcServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RpcServer.class);

  private final RpcConfig config;
  private final RpcLimits limits;
  private final Access access;
  private final Gate gate;
  private final Exchange exchange;
  private final Set<WebSocketConnection> sockets = ConcurrentHashMap.newKeySet();
  private final Javalin javalin;
  private final Thread pinger;

  private RpcServer(
      RpcConfig config, Dispatcher dispatcher, Gate gate, Consumer<RoutesConfig> moreRoutes) {
    this.config = config;
    this.gate = gate;
    limits = config.limits();
    access = new Access(config.corsOrigins(), config.allowedHosts());
    exchange = new Exchange(dispatcher, limits);
    javalin = Javalin.create(c -> configure(c, moreRoutes));
    javalin.start();
    Thread.ofVirtual().name("rpc-warm-up").start(dispatcher::warmUp);
    pinger = Thread.ofVirtual().name("rpc-ping").start(this::pingUntilInterrupted);
  }

  public static RpcServer start(RpcConfig config, Dispatcher dispatcher) {
    return start(config, dispatcher, Gate.OPEN, routes -> {});
  }

  /// @param moreRoutes further HTTP paths, for health checks or a web page; they get no bodies
  /// @throws RuntimeException where the port is taken
  public static RpcServer start(
      RpcConfig config, Dispatcher dispatcher, Gate gate, Consumer<RoutesConfig> moreRoutes) {
    return new RpcServer(config, dispatcher, gate, moreRoutes);
  }

  /// The port listened on.
  public int port() {
    return javalin.port();
  }

  public int openWebSockets() {
    return sockets.size();
  }

  @Override
  public void close() {
    pinger.interrupt();
    sockets.forEach(socket -> socket.close(1001, "server is stopping"));
    javalin.stop();
  }

  private void configure(JavalinConfig c, Consumer<RoutesConfig> moreRoutes) {
    c.startup.showJavalinBanner = false;
    c.startup.showOldJavalinVersionWarning = false;
    c.startup.startupWatcherEnabled = false;
    c.concurrency.useVirtualThreads = true;
    c.http.prefer405over404 = true;
    c.jetty.modifyServer(server -> {
      server.addBean(new NetworkConnectionLimit(limits.maxConnections(), server));
      server.setHandler(new PostHandler(config, access, gate, exchange));
      server.setErrorHandler(PostHandler::explain);
    });
    c.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
    c.jetty.addConnector(this::connector);
    c.jetty.modifyWebSocketServletFactory(ws -> {
      ws.setMaxTextMessageSize(limits.maxBodyBytes());
      ws.setMaxBinaryMessageSize(limits.maxBodyBytes());
      ws.setMaxFrameSize(limits.maxBodyBytes());
      ws.setIdleTimeout(Duration.ofMillis(4 * limits.pingMillis()));
    });
    c.routes.get("/", this::greet);
    c.routes.options("/", this::preflight);
    c.routes.wsBeforeUpgrade("/", this::guardUpgrade);
    c.routes.ws(
        "/",
        ws -> {
          ws.onConnect(ctx -> WebSocketConnection.open(ctx, exchange, limits, sockets));
          ws.onMessage(ctx -> WebSocketConnection.of(ctx).receive(bytes(ctx.message())));
          ws.onBinaryMessage(ctx -> {
            byte[] message = new byte[ctx.data().remaining()];
            ctx.data().get(message);
            WebSocketConnection.of(ctx).receive(message);
          });
          ws.onClose(ctx -> WebSocketConnection.of(ctx).ended());
          ws.onError(ctx -> WebSocketConnection.of(ctx).ended());
        });
    moreRoutes.accept(c.routes);
    c.routes.exception(
        HttpResponseException.class, (e, ctx) -> refuse(ctx, e.getStatus(), e.getMessage()));
    c.routes.exception(Exception.class, (e, ctx) -> refuse(ctx, 500, PostHandler.INTERNAL));
    c.routes.error(404, "*", ctx -> describe(ctx, "nothing here; JSON-RPC is served at /"));
  }

  /// A connection's own idle time costs nothing; one set for each request is a timer moved twice.
  private Connector connector(Server server, HttpConfiguration http) {
    ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost(config.host());
    connector.setPort(config.port());
    connector.setIdleTimeout(limits.idleMillis());
    return connector;
  }

  private void guardUpgrade(Context ctx) {
    String origin = ctx.header("Origin");
    if (origin != null && !access.originAllowed(origin, ctx.header("Host"))) {
      throw new HttpResponseException(403, access.originRefusal(origin), Map.of());
    }
    if (sockets.size() >= limits.maxWebSockets()) {
      throw new HttpResponseException(
          503,
          "too many WebSocket connections: " + limits.maxWebSockets() + " (--rpc-max-websockets)",
          Map.of());
    }
  }

  private void preflight(Context ctx) {
    String origin = ctx.header("Origin");
    if (origin == null || !access.originAllowed(origin, ctx.header("Host"))) {
      String refusal = origin == null ? "no Origin header" : access.originRefusal(origin);
      throw new HttpResponseException(403, refusal, Map.of());
    }
    ctx.header("Access-Control-Allow-Methods", "POST, GET, OPTIONS");
    ctx.header("Access-Control-Allow-Headers", "Content-Type, Authorization");
    ctx.header("Access-Control-Allow-Private-Network", "true");
    ctx.header("Access-Control-Max-Age", "600");
    ctx.status(204);
  }

  private void greet(Context ctx) {
    describe(
        ctx,
        config.banner()
            + " speaks JSON-RPC 2.0: POST requests to this address, or open a WebSocket on it;"
            + " rpc.discover lists the methods");
  }

  private static void refuse(Context ctx, int status, String message) {
    ctx.status(status);
    ctx.contentType(PostHandler.JSON);
    ctx.result(PostHandler.refusal(message));
  }

  private static void describe(Context ctx, String message) {
    ctx.contentType(PostHandler.JSON);
    ctx.result("{\"message\":\"" + message.replaceAll("[\"\\\\\\p{Cntrl}]", "?") + "\"}");
  }

  private void pingUntilInterrupted() {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        Thread.sleep(limits.pingMillis());
        sockets.forEach(RpcServer::ping);
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  /// One connection in a strange state must not keep the others from being asked.
  private static void ping(WebSocketConnection socket) {
    try {
      socket.ping();
    } catch (RuntimeException gone) {
      LOG.debug("a WebSocket could not be pinged", gone);
      socket.ended();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
