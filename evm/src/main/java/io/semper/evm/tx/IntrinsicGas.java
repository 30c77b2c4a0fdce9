package io.semper.evm.tx;

import io.semper.core.types.AccessListEntry;
import io.semper.evm.fork.ForkRules;

/// What a transaction costs before it executes anything (Yellow Paper, section 6.2), and the least
/// it costs in all (EIP-7623).
public final class IntrinsicGas {
  private static final int TRANSACTION_GAS = 21_000;
  private static final int ZERO_BYTE_GAS = 4;
  private static final int ACCESS_LIST_ADDRESS_GAS = 2_400;
  private static final int ACCESS_LIST_KEY_GAS = 1_900;
  private static final int TOKENS_PER_NON_ZERO_BYTE = 4;

  /// Gas of an authorisation whose account does not exist yet (EIP-7702).
  static final int NEW_ACCOUNT_AUTHORIZATION_GAS = 25_000;

  private IntrinsicGas() {}

  public static long of(Message message, ForkRules rules) {
    long gas = TRANSACTION_GAS;
    byte[] data = message.data();
    if (message.to() == null) {
      gas +=
          rules.createTransactionGas() + (long) rules.initCodeWordGas() * (data.length + 31 >>> 5);
    }
    long zeros = zeros(data);
    gas += ZERO_BYTE_GAS * zeros + rules.dataByteGas() * (data.length - zeros);
    for (AccessListEntry entry : message.accessList()) {
      gas += ACCESS_LIST_ADDRESS_GAS + (long) ACCESS_LIST_KEY_GAS * entry.storageKeys().size();
    }
    return gas + (long) NEW_ACCOUNT_AUTHORIZATION_GAS * message.authorizations().size();
  }

  /// The floor price of the data, 0 in forks without one.
  public static long floor(Message message, ForkRules rules) {
    if (rules.floorTokenGas() == 0) {
      return 0;
    }
    long zeros = zeros(message.data());
    long tokens = zeros + TOKENS_PER_NON_ZERO_BYTE * (message.data().length - zeros);
    return TRANSACTION_GAS + rules.floorTokenGas() * tokens;
  }

  private static long zeros(byte[] data) {
    long zeros = 0;
    for (byte each : data) {
      if (each == 0) {
        zeros++;
      }
    }
    return zeros;
  }
}
