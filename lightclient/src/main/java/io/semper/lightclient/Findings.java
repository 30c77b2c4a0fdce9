package io.semper.lightclient;

import io.semper.lightclient.upstream.Evidence;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// What a client has caught others at: told to its user, and kept in a file beside its store. Safe
/// for use by several threads.
final class Findings {
  private static final int MAX_LIES = 32;

  private final Optional<EvidenceFile> file;
  private final LongSupplier wallMillis;
  private final Consumer<Alert> alerts;
  private final Deque<Evidence> consensusLies = new ArrayDeque<>();

  /// @param store beside which to keep it; `null` for nowhere
  Findings(Path store, LongSupplier wallMillis, Consumer<Alert> alerts) {
    file = Optional.ofNullable(store).map(EvidenceFile::beside);
    this.wallMillis = wallMillis;
    this.alerts = alerts;
  }

  void tell(Alert alert) {
    alerts.accept(alert);
  }

  void failed(IOException why) {
    tell(new Alert.Failed(new UncheckedIOException(why)));
  }

  void lied(Evidence lie) {
    keep(out -> out.add(lie));
    tell(new Alert.Lied(lie));
  }

  void consensusLied(Evidence lie) {
    synchronized (consensusLies) {
      if (consensusLies.size() == MAX_LIES) {
        consensusLies.removeFirst();
      }
      consensusLies.addLast(lie);
    }
    lied(lie);
  }

  void diverged(Alert.Diverged found) {
    keep(out -> out.add(found, wallMillis.getAsLong()));
    tell(found);
  }

  private void keep(EvidenceFile.Addition addition) {
    if (file.isPresent()) {
      try {
        addition.addTo(file.get());
      } catch (IOException full) {
        failed(full);
      }
    }
  }

  /// The newest lies of the sources of what sync committees sign, oldest first.
  List<Evidence> consensusLies() {
    synchronized (consensusLies) {
      return List.copyOf(consensusLies);
    }
  }
}
