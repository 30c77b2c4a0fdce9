package io.semper.lightclient;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Header;
import java.util.function.Function;

/// An answer, and what it stands on.
///
/// @param block whose roots prove it
/// @param ageSeconds how old that block is by this machine's clock
public record Verified<T>(T value, Point block, long ageSeconds, Trust trust) {
  /// A block.
  ///
  /// @param timestamp seconds since 1970
  public record Point(long number, Hash32 hash, long timestamp) {
    static Point of(Header header) {
      return new Point(header.number(), header.hash(), header.timestamp());
    }
  }

  /// How sure an answer is.
  public enum Trust {
    /// Another node of those asked names the same head.
    CROSS_CHECKED,
    /// Sealed by the network's validators and proven.
    PROVEN
  }

  <R> Verified<R> map(Function<T, R> change) {
    return new Verified<>(change.apply(value), block, ageSeconds, trust);
  }
}
