package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Adds CHAINID and SELFBALANCE, cheapens data, and reprices what reads state.
final class Istanbul {
  static final ForkRules RULES =
      ForkRules.after(Petersburg.RULES, Fork.ISTANBUL)
          .dataByteGas(16) // EIP-2028
          .gas(0x31, 700) // BALANCE, EIP-1884
          .gas(0x3F, 700) // EXTCODEHASH, EIP-1884
          .gas(0x54, 800) // SLOAD, EIP-1884
          .sstoreNetMetering(true) // EIP-2200
          .sstoreSentry(true) // EIP-2200
          .sstoreUnchangedGas(800) // EIP-2200
          .done();

  private Istanbul() {}
}
