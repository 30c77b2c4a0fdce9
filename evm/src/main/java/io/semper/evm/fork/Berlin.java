package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Tells first accesses from later ones, and lets transactions list theirs beforehand.
final class Berlin {
  static final ForkRules RULES =
      ForkRules.after(Istanbul.RULES, Fork.BERLIN)
          .newestTransactionType(1) // EIP-2930
          .warmAccess(true) // EIP-2929; base prices below are the warm ones
          .gas(0x31, 100) // BALANCE
          .gas(0x3B, 100) // EXTCODESIZE
          .gas(0x3C, 100) // EXTCODECOPY
          .gas(0x3F, 100) // EXTCODEHASH
          .gas(0x54, 100) // SLOAD
          .gas(0xF1, 100) // CALL
          .gas(0xF2, 100) // CALLCODE
          .gas(0xF4, 100) // DELEGATECALL
          .gas(0xFA, 100) // STATICCALL
          .sstoreUnchangedGas(100)
          .done();

  private Berlin() {}
}
