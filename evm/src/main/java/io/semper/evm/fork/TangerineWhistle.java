package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Raises the price of reading other accounts and of calls, which keep a 64th of the gas.
final class TangerineWhistle {
  static final ForkRules RULES =
      ForkRules.after(Homestead.RULES, Fork.TANGERINE_WHISTLE)
          .gas(0x31, 400) // BALANCE, EIP-150
          .gas(0x3B, 700) // EXTCODESIZE
          .gas(0x3C, 700) // EXTCODECOPY
          .gas(0x54, 200) // SLOAD
          .gas(0xF1, 700) // CALL
          .gas(0xF2, 700) // CALLCODE
          .gas(0xF4, 700) // DELEGATECALL
          .gas(0xFF, 5_000) // SELFDESTRUCT
          .keepsSixtyFourth(true) // EIP-150
          .done();

  private TangerineWhistle() {}
}
