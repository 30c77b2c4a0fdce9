package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Adds REVERT, return data, STATICCALL and four precompiles; receipts say success or failure.
final class Byzantium {
  static final ForkRules RULES =
      ForkRules.after(SpuriousDragon.RULES, Fork.BYZANTIUM)
          .statusReceipts(true) // EIP-658
          .done();

  private Byzantium() {}
}
