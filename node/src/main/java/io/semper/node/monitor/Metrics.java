package io.semper.node.monitor;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.semper.node.Version;
import io.semper.rpc.Dispatcher;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/// Prometheus metrics of one node. Values are read when they are asked for, so that nothing is
/// counted twice and the parts of the node need not know.
public final class Metrics {
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private static final double NANOS_PER_SECOND = 1e9;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private boolean machine;
  private final PrometheusTextFormatWriter writer =
      PrometheusTextFormatWriter.builder().setIncludeCreatedTimestamps(false).build();

  public Metrics() {
    Info build =
        Info.builder()
            .name("semper_build_info")
            .help("Version of Semper and Java.")
            .labelNames("version", "java")
            .register(registry);
    build.addLabelValues(Version.number(), Runtime.version().toString());
  }

  /// A value that goes up and down.
  public void gauge(String name, String help, DoubleSupplier value) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .callback(out -> out.call(value.getAsDouble()))
        .register(registry);
  }

  /// Values that only go up, told apart by a label.
  ///
  /// @param name ending in `_total`
  public void counter(String name, String help, String label, Supplier<Map<String, Long>> values) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames(label)
        .callback(out -> values.get().forEach((value, count) -> out.call(count, value)))
        .register(registry);
  }

  /// Counts calls of JSON-RPC methods and their time.
  public Dispatcher.Observer rpcCalls() {
    Counter calls =
        Counter.builder()
            .name("semper_rpc_requests_total")
            .help("Calls of JSON-RPC methods.")
            .labelNames("method", "outcome")
            .register(registry);
    Counter seconds =
        Counter.builder()
            .name("semper_rpc_seconds_total")
            .help("Time spent in JSON-RPC methods.")
            .labelNames("method")
            .register(registry);
    return (method, nanos, failed) -> {
      calls.labelValues(method, failed ? "error" : "ok").inc();
      seconds.labelValues(method).inc(nanos / NANOS_PER_SECOND);
    };
  }

  /// Everything, in Prometheus' text format.
  public byte[] scrape() {
    // Those of the Java machine begin with the first question: they take a tenth of a node's start.
    synchronized (this) {
      if (!machine) {
        JvmMetrics.builder().register(registry);
        machine = true;
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writer.write(out, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
