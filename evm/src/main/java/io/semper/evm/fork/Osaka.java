package io.semper.evm.fork;

import io.semper.core.fork.Fork;

/// Caps a transaction's gas and blobs and a block's size; adds CLZ and P256VERIFY, reprices MODEXP.
final class Osaka {
  static final ForkRules RULES =
      ForkRules.after(Prague.RULES, Fork.OSAKA)
          .maxTransactionGas(1L << 24) // EIP-7825
          .maxTransactionBlobs(6) // EIP-7594
          .maxBlockBytes(8 << 20) // EIP-7934: 10 MiB less a margin of 2 MiB
          .done();

  private Osaka() {}
}
