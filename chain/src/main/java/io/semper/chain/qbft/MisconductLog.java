package io.semper.chain.qbft;

import io.semper.core.bytes.Address;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// What validators do that none may: all of it is counted, little of it written to the log, which
/// whoever sends two messages where one is due could fill otherwise.
final class MisconductLog {
  /// After a line about a validator, the same of it is only counted for so long.
  static final long QUIET_MILLIS = 60_000;

  /// Validators and kinds remembered: more than any set of validators has.
  static final int MAX_REMEMBERED = 1_024;

  private final LongSupplier monotonicMillis;
  private final Consumer<String> out;
  private final Map<Action.Misconduct, Long> counts = new EnumMap<>(Action.Misconduct.class);
  private final Map<Subject, Said> said =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Subject, Said> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  private record Subject(Action.Misconduct kind, Address validator) {}

  /// @param unsaid how often since
  private record Said(long atMillis, long unsaid) {}

  /// @param out gets the lines
  MisconductLog(LongSupplier monotonicMillis, Consumer<String> out) {
    this.monotonicMillis = monotonicMillis;
    this.out = out;
    for (Action.Misconduct kind : Action.Misconduct.values()) {
      counts.put(kind, 0L);
    }
  }

  synchronized void add(Action.Report report) {
    counts.merge(report.kind(), 1L, Long::sum);
    Subject subject = new Subject(report.kind(), report.validator());
    Said last = said.get(subject);
    long now = monotonicMillis.getAsLong();
    if (last != null && now - last.atMillis() < QUIET_MILLIS) {
      said.put(subject, new Said(last.atMillis(), last.unsaid() + 1));
      return;
    }
    String more = last == null || last.unsaid() == 0 ? "" : "; and " + last.unsaid() + " before it";
    out.accept(report.kind() + " by " + report.validator() + ": " + report.message() + more);
    said.put(subject, new Said(now, 0));
  }

  /// How often each has been seen since the start.
  synchronized Map<Action.Misconduct, Long> counts() {
    return Collections.unmodifiableMap(new EnumMap<>(counts));
  }
}
