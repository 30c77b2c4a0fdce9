package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Adds PUSH0, limits and prices initialisation code, and warms the beneficiary.
final class Shanghai {
  static final ForkRules RULES =
      ForkRules.after(London.RULES, Fork.SHANGHAI)
          .warmCoinbase(true) // EIP-3651
          .maxInitCodeBytes(49_152) // EIP-3860
          .initCodeWordGas(2) // EIP-3860
          .done();

  private Shanghai() {}
}
