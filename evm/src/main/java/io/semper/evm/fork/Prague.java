package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Adds delegation and the BLS12-381 precompiles, and a floor price for data.
final class Prague {
  static final ForkRules RULES =
      ForkRules.after(Cancun.RULES, Fork.PRAGUE)
          .newestTransactionType(4) // EIP-7702
          .delegation(true) // EIP-7702
          .floorTokenGas(10) // EIP-7623
          .done();

  private Prague() {}
}
