package io.semper.node.qbft;

import io.semper.chain.importer.Ledger;
import io.semper.chain.qbft.Validators;
import io.semper.core.types.Header;
import io.semper.core.types.QbftSeals;
import io.semper.core.view.ChainView.Subscription;
import io.semper.core.view.HistoryUnavailableException;
import io.semper.genesis.Qbft;
import io.semper.rpc.Rpc;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/// Whether a QBFT network goes on making blocks, as a node sees it that is no validator: by their
/// coming, and by who is in them. What validators say to each other it does not hear.
public final class StallWatch implements AutoCloseable {
  private final Ledger ledger;
  private final LongSupplier nanoTime;
  private final Absence absence;
  private final Subscription heads;
  private volatile long headNanos;

  /// @param clock tells how old the newest block is at the start; later its coming is what counts,
  ///   which no wrong clock changes
  public StallWatch(Ledger ledger, Validators validators, Clock clock, LongSupplier nanoTime) {
    this.ledger = ledger;
    this.nanoTime = nanoTime;
    absence = new Absence(ledger, validators);
    Header head = ledger.head();
    long ageMillis = clock.millis() - head.timestamp() * 1000;
    // The first block is not late because nobody has begun.
    long known = head.number() == 0 ? 0 : Math.max(0, ageMillis);
    headNanos = nanoTime.getAsLong() - known * 1_000_000;
    heads = ledger.onHead(change -> headNanos = nanoTime.getAsLong());
  }

  private long ageMillis() {
    return (nanoTime.getAsLong() - headNanos) / 1_000_000;
  }

  /// Why the newest block is not to be taken for the present, empty where it may be.
  public Optional<String> problem() {
    Header head = ledger.head();
    long age = ageMillis();
    Qbft.Settings settings = ledger.network().qbft().at(head.number() + 1, head.timestamp());
    if (age <= settings.patienceMillis()) {
      return Optional.empty();
    }
    return Optional.of(
        "stalled at block " + head.number() + " for " + age / 1000 + " s: " + cause(head));
  }

  private String cause(Header head) {
    Absence.Seen seen;
    try {
      seen = absence.at(head);
    } catch (Validators.InvalidValidatorsException | HistoryUnavailableException unknown) {
      return unknown.getMessage();
    }
    String who =
        seen.missing().isEmpty()
            ? "a validator's qbft_getStatus says who is missing"
            : "the last " + seen.blocks() + " blocks show nothing of " + seen.missing();
    return "no block comes; "
        + who
        + ", "
        + QbftSeals.quorum(seen.validators().size())
        + " of "
        + seen.validators().size()
        + " validators are needed";
  }

  /// What validators answer, as far as the chain alone tells it: of the head's round and proposer.
  @Rpc("qbft_getStatus")
  Map<String, Object> status() {
    Header head = ledger.head();
    Absence.Seen seen = absence.at(head);
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("height", head.number() + 1);
    shown.put("headRound", head.qbft().map(extra -> (long) extra.round()).orElse(0L));
    shown.put("signing", false);
    shown.put("self", null);
    shown.put("headProposer", head.number() == 0 ? null : head.beneficiary());
    shown.put("validators", seen.validators());
    shown.put("missing", seen.missing());
    shown.put("missingInBlocks", seen.blocks());
    shown.put("quorum", (long) QbftSeals.quorum(seen.validators().size()));
    shown.put("headAgeSeconds", ageMillis() / 1000.0);
    shown.put("problem", problem().orElse(null));
    return shown;
  }

  @Override
  public void close() {
    heads.close();
  }
}
