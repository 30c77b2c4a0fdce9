package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Adds shifts, EXTCODEHASH and CREATE2; SSTORE pays for the balance of changes.
final class Constantinople {
  static final ForkRules RULES =
      ForkRules.after(Byzantium.RULES, Fork.CONSTANTINOPLE)
          .sstoreNetMetering(true) // EIP-1283
          .sstoreUnchangedGas(200) // EIP-1283
          .done();

  private Constantinople() {}
}
