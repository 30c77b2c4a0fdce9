package io.semper.node.monitor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;

/// `/health/live`, `/health/ready` and `/metrics`, on the JSON-RPC port or on one of their own.
public final class MonitorRoutes {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Health health;
  private final Metrics metrics;

  public MonitorRoutes(Health health, Metrics metrics) {
    this.health = health;
    this.metrics = metrics;
  }

  /// Adds the paths to a server.
  public void addTo(RoutesConfig routes) {
    // That this answers is all there is to say.
    routes.get("/health/live", ctx -> answer(ctx, 200, "{\"live\":true}"));
    routes.get("/health/ready", this::ready);
    routes.get(
        "/metrics",
        ctx -> {
          ctx.contentType(Metrics.CONTENT_TYPE);
          ctx.result(metrics.scrape());
        });
  }

  /// A server for them alone.
  public Javalin serve(String host, int port) {
    return Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.startup.showOldJavalinVersionWarning = false;
              config.startup.startupWatcherEnabled = false;
              config.concurrency.useVirtualThreads = true;
              addTo(config.routes);
            })
        .start(host, port);
  }

  private void ready(Context ctx) throws JsonProcessingException {
    Health.Readiness readiness = health.readiness();
    answer(ctx, readiness.ready() ? 200 : 503, JSON.writeValueAsString(readiness));
  }

  private static void answer(Context ctx, int status, String json) {
    ctx.status(status);
    ctx.contentType("application/json");
    ctx.result(json);
  }
}
