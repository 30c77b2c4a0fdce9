package io.semper.chain.block;

import io.semper.core.types.Header;
import java.util.Optional;

/// What a proof-of-work header must show for the work done.
@FunctionalInterface
public interface SealRule {
  /// For chains whose proof-of-work blocks were made without work, as test chains are.
  SealRule NONE = (header, parent) -> Optional.empty();

  /// Tells of a header that will be verified soon, so that other threads may begin with what is
  /// costly. Returns at once; without effect on any verdict.
  default void ahead(Header header) {}

  /// Checks the seal of a header that keeps every other rule. Changes nothing.
  Optional<Violation> verify(Header header, Header parent);
}
