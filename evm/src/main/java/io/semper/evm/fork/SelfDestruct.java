package io.semper.evm.fork;

/// Whom SELFDESTRUCT removes.
public enum SelfDestruct {
  /// The contract, always.
  ALWAYS,
  /// The contract only in the transaction that created it (EIP-6780).
  SAME_TRANSACTION
}
