package io.semper.lightclient;

import io.semper.lightclient.HeaderVerifier.Verdict;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongFunction;

/// The way from a trusted block to a much later one: in one step where enough validators stayed,
/// else by way of the block in the middle.
final class Bisection {
  /// Claims looked at on one way. Halving needs 64 where nothing is between two blocks; sets that
  /// change wholly again and again need a few for each time.
  static final int MAX_CLAIMS = 4096;

  private Bisection() {}

  /// Verifies `target`, asking for blocks in between where needed.
  ///
  /// @param claims the claim for a block number, from whoever made the first
  /// @return how the target, or the last block on the way to it, was judged
  static Verdict<TrustedHeader> advance(
      HeaderVerifier<TrustedHeader, QbftClaim> verifier,
      TrustedHeader trusted,
      QbftClaim target,
      LongFunction<QbftClaim> claims,
      long nowSeconds) {
    Deque<QbftClaim> open = new ArrayDeque<>();
    open.push(target);
    TrustedHeader now = trusted;
    for (int looked = 0; looked < MAX_CLAIMS; looked++) {
      QbftClaim next = open.element();
      Verdict<TrustedHeader> verdict = verifier.verify(now, next, nowSeconds);
      switch (verdict) {
        case Verdict.Accepted<TrustedHeader> accepted -> {
          now = accepted.next();
          open.pop();
          if (open.isEmpty()) {
            return accepted;
          }
        }
        case Verdict.Unconnected<TrustedHeader> far -> {
          long distance = next.header().number() - now.number();
          if (distance <= 1) {
            return far;
          }
          long middle = now.number() + distance / 2;
          QbftClaim between = claims.apply(middle);
          if (between.header().number() != middle) {
            return new Verdict.Refused<>(
                "block " + between.header().number() + " instead of block " + middle);
          }
          open.push(between);
        }
        case Verdict.Expired<TrustedHeader> expired -> {
          return expired;
        }
        case Verdict.Refused<TrustedHeader> refused -> {
          return refused;
        }
      }
    }
    return new Verdict.Unconnected<>("no way found within " + MAX_CLAIMS + " blocks");
  }
}
