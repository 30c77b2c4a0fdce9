package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// The rules Ethereum began with, stated by the defaults of [ForkRules] and the opcode table.
final class Frontier {
  static final ForkRules RULES = ForkRules.first(Fork.FRONTIER).done();

  private Frontier() {}
}
