package io.semper.node.qbft;

import io.semper.chain.qbft.QbftEngine;
import io.semper.core.bytes.Address;
import io.semper.node.monitor.Metrics;
import io.semper.rpc.Rpc;
import io.semper.rpc.RpcException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// How a validator sees the network, for those who ask and those who watch.
public final class QbftStatus {
  private final QbftEngine engine;

  public QbftStatus(QbftEngine engine) {
    this.engine = engine;
  }

  /// Whether to add, by validator.
  @Rpc("qbft_getPendingVotes")
  Map<Address, Boolean> pendingVotes() {
    return engine.pendingVotes();
  }

  /// Where agreement on the next block stands, who is missing, and why there is none.
  @Rpc("qbft_getStatus")
  Map<String, Object> status() {
    QbftEngine.Status status =
        engine.status().orElseThrow(() -> RpcException.server("consensus has not begun"));
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("height", status.height());
    shown.put("round", (long) status.round());
    shown.put("signing", status.signing());
    shown.put("self", status.self());
    shown.put("proposer", status.proposer());
    shown.put("validators", status.validators());
    shown.put("missing", status.missing());
    shown.put("quorum", (long) status.quorum());
    shown.put("headAgeSeconds", status.headMillis() / 1000.0);
    shown.put("problem", engine.problem().or(engine::starting).orElse(null));
    return shown;
  }

  public void addTo(Metrics metrics) {
    metrics.gauge(
        "semper_qbft_height",
        "Block being agreed on.",
        () -> engine.status().map(QbftEngine.Status::height).orElse(0L));
    metrics.gauge(
        "semper_qbft_round",
        "Round of that.",
        () -> engine.status().map(QbftEngine.Status::round).orElse(0));
    metrics.gauge(
        "semper_qbft_validators",
        "Validators of that block.",
        () -> engine.status().map(status -> status.validators().size()).orElse(0));
    metrics.gauge(
        "semper_qbft_missing_validators",
        "Those of them not heard of lately.",
        () -> engine.status().map(status -> status.missing().size()).orElse(0));
    metrics.gauge(
        "semper_qbft_signing",
        "1 while this validator signs.",
        () -> engine.status().filter(QbftEngine.Status::signing).isPresent() ? 1 : 0);
    metrics.gauge(
        "semper_qbft_head_age_seconds",
        "Since the last block came.",
        () -> engine.status().map(status -> status.headMillis() / 1000.0).orElse(0.0));
    metrics.counter(
        "semper_qbft_misconduct_total",
        "What validators did that none may.",
        "kind",
        () -> {
          Map<String, Long> counts = new TreeMap<>();
          engine
              .misconduct()
              .forEach((kind, count) -> counts.put(kind.name().toLowerCase(Locale.ROOT), count));
          return counts;
        });
  }
}
