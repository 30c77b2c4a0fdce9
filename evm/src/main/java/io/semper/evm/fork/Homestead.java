package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Prices creation by transaction, makes unpaid code deposits fail, refuses malleable signatures,
/// and adds DELEGATECALL.
final class Homestead {
  static final ForkRules RULES =
      ForkRules.after(Frontier.RULES, Fork.HOMESTEAD)
          .createTransactionGas(32_000) // EIP-2
          .codeDepositMustBePaid(true) // EIP-2
          .lowS(true) // EIP-2
          .done();

  private Homestead() {}
}
