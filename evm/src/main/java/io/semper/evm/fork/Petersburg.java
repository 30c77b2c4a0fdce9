package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Takes the new metering of SSTORE back.
final class Petersburg {
  static final ForkRules RULES =
      ForkRules.after(Constantinople.RULES, Fork.PETERSBURG)
          .sstoreNetMetering(false)
          .sstoreUnchangedGas(0)
          .done();

  private Petersburg() {}
}
