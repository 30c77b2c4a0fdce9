package io.semper.lightclient;

/// The rule by which a network's headers are believed. Pure: verifying changes nothing, reads no
/// clock and asks nobody; what was accepted is applied by taking [Verdict.Accepted#next], which
/// cannot fail.
///
/// @param <T> what is trusted so far
/// @param <C> what somebody claims
public interface HeaderVerifier<T, C> {
  /// Judges a claim.
  ///
  /// @param nowSeconds since 1970, by the caller's clock
  Verdict<T> verify(T trusted, C claim, long nowSeconds);

  /// What is to be thought of a claim.
  sealed interface Verdict<T> {
    /// @param next to be trusted from now on
    record Accepted<T>(T next) implements Verdict<T> {}

    /// Sound in itself, but made by too few whom the trusted point names. Something between both
    /// may show the way.
    record Unconnected<T>(String reason) implements Verdict<T> {}

    /// What is trusted has become too old to judge anything by: a newer checkpoint is needed.
    record Expired<T>(String reason) implements Verdict<T> {}

    /// No honest node would say so.
    record Refused<T>(String reason) implements Verdict<T> {}
  }
}
