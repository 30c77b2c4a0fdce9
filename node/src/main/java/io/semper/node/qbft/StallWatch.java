package io.semper.node.qbft;

import io.semper.chain.importer.Ledger;
import io.semper.core.types.Header;
import io.semper.core.view.ChainView.Subscription;
import io.semper.genesis.Qbft;
import java.time.Clock;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Whether a QBFT network goes on making blocks, as a node sees it that is no validator.
public final class StallWatch implements AutoCloseable {
  private final Ledger ledger;
  private final LongSupplier nanoTime;
  private final Subscription heads;
  private volatile long headNanos;

  /// @param clock tells how old the newest block is at the start; later its coming is what counts,
  ///   which no wrong clock changes
  public StallWatch(Ledger ledger, Clock clock, LongSupplier nanoTime) {
    this.ledger = ledger;
    this.nanoTime = nanoTime;
    Header head = ledger.head();
    long ageMillis = clock.millis() - head.timestamp() * 1000;
    // The first block is not late because nobody has begun.
    long known = head.number() == 0 ? 0 : Math.max(0, ageMillis);
    headNanos = nanoTime.getAsLong() - known * 1_000_000;
    heads = ledger.onHead(change -> headNanos = nanoTime.getAsLong());
  }

  /// Why the newest block is not to be taken for the present, empty where it may be.
  public Optional<String> problem() {
    Header head = ledger.head();
    long age = (nanoTime.getAsLong() - headNanos) / 1_000_000;
    Qbft.Settings settings = ledger.network().qbft().at(head.number() + 1, head.timestamp());
    return age <= settings.patienceMillis()
        ? Optional.empty()
        : Optional.of(
            "stalled at block " + head.number() + " for " + age / 1000 + " s: no block comes");
  }

  @Override
  public void close() {
    heads.close();
  }
}
