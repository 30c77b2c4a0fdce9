package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Adds blobs, transient storage and MCOPY; SELFDESTRUCT only removes what is new.
final class Cancun {
  static final ForkRules RULES =
      ForkRules.after(Shanghai.RULES, Fork.CANCUN)
          .newestTransactionType(3) // EIP-4844
          .selfDestruct(SelfDestruct.SAME_TRANSACTION) // EIP-6780
          .done();

  private Cancun() {}
}
