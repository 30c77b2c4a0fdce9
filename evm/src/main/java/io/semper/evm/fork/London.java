package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Brings the base fee, cuts refunds, and keeps the first byte 0xEF free.
final class London {
  static final ForkRules RULES =
      ForkRules.after(Berlin.RULES, Fork.LONDON)
          .newestTransactionType(2) // EIP-1559
          .sstoreClearRefund(4_800) // EIP-3529
          .selfDestructRefund(0) // EIP-3529
          .refundQuotient(5) // EIP-3529
          .bansEfCode(true) // EIP-3541
          .done();

  private London() {}
}
