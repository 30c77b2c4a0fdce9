package io.semper.lightclient.beacon;

/// How one source has behaved: whether it may be asked. Guarded by the follower.
final class SourceRecord {
  private static final int MAX_DOUBLINGS = 6;
  private static final long FIRST_PAUSE_MILLIS = 1_000;
  private static final long BAN_MILLIS = 24 * 3600_000L;

  private static final int MANY_FAILURES = 2;

  final BeaconSource source;

  /// Whether it was there from the beginning, and stays.
  final boolean named;

  /// Whether a question is still open.
  boolean busy;

  private int failures;
  private long pausedUntil = Long.MIN_VALUE;
  private long bannedUntil = Long.MIN_VALUE;
  private String problem;

  SourceRecord(BeaconSource source, boolean named) {
    this.source = source;
    this.named = named;
  }

  boolean isBanned(long now) {
    return now < bannedUntil;
  }

  boolean isFailing(long now) {
    return failures >= MANY_FAILURES || isBanned(now);
  }

  boolean mayBeAsked(long now) {
    return !busy && !isBanned(now) && now >= pausedUntil;
  }

  void answered() {
    failures = 0;
    problem = null;
  }

  /// It did not answer, or not in a way that could be read. The pauses double up to a minute.
  void failed(String why, long now) {
    pausedUntil = now + (FIRST_PAUSE_MILLIS << Math.min(failures, MAX_DOUBLINGS));
    failures++;
    problem = why;
  }

  /// What it said was of no use now; no fault of its own.
  void useless(String why) {
    problem = why;
  }

  void lied(String why, long now) {
    bannedUntil = now + BAN_MILLIS;
    problem = "lied: " + why;
    source.shun();
  }

  /// Its last problem, `null` for none.
  String problem() {
    return problem;
  }
}
