package io.semper.lightclient.upstream;

/// How one node took a question.
sealed interface Outcome<T> {
  Upstream from();

  record Good<T>(Upstream from, T value) implements Outcome<T> {}

  record Bad<T>(Upstream from, String why, Kind kind) implements Outcome<T> {}

  /// What an answer that is none leaves open.
  enum Kind {
    /// It does not have what it was asked for.
    UNKNOWN,
    /// It was caught, and its word counts for nothing.
    LIED,
    /// The question has not reached it.
    UNREACHED,
    /// What it would say is not known.
    FAILED
  }
}
