package io.semper.lightclient;

import io.semper.core.types.Header;
import io.semper.lightclient.upstream.Evidence;

/// What an application should tell its user, or its operator.
public sealed interface Alert {
  /// A node said something that was proven wrong; it is not asked any more.
  record Lied(Evidence evidence) implements Alert {}

  /// Two blocks of one number, both sealed by enough validators: the network itself has broken its
  /// rules. Nothing later is believed any more.
  ///
  /// @param trusted the block from which both are proven
  record Diverged(TrustedHeader trusted, Header ours, Header theirs, String upstream)
      implements Alert {}

  /// What is trusted is too old to verify anything by: a newer checkpoint is needed.
  record Expired(String reason) implements Alert {}

  /// Something here does not work as it should; what is served is right nevertheless.
  record Failed(RuntimeException cause) implements Alert {}
}
