package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Binds transactions to chains, removes empty accounts, reprices EXP and limits code.
final class SpuriousDragon {
  static final ForkRules RULES =
      ForkRules.after(TangerineWhistle.RULES, Fork.SPURIOUS_DRAGON)
          .protectedTransactions(true) // EIP-155
          .expByteGas(50) // EIP-160
          .stateClearing(true) // EIP-161
          .maxCodeBytes(ForkRules.MAX_CODE_BYTES) // EIP-170
          .done();

  private SpuriousDragon() {}
}
