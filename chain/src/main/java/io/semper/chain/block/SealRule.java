package io.semper.chain.block;

import io.semper.core.types.Header;
import io.semper.core.view.ChainView;
import java.util.Optional;

/// What a header must show for the work done, or for the consent of those who agreed on it.
@FunctionalInterface
public interface SealRule {
  /// For chains whose proof-of-work blocks were made without work, as test chains are.
  SealRule NONE = (header, parent) -> Optional.empty();

  /// Tells of a header that will be verified soon, so that other threads may begin with what is
  /// costly. Returns at once; without effect on any verdict.
  default void ahead(Header header) {}

  /// The rule for the headers of one chain, for rules that look at it.
  default SealRule over(ChainView chain) {
    return this;
  }

  /// Checks the seal of a header that keeps every other rule. Changes nothing.
  Optional<Violation> verify(Header header, Header parent);
}
