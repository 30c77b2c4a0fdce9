package io.semper.core.fork;

import io.semper.core.bytes.Address;

/// The contracts that every block calls, at the same addresses on every network.
public final class SystemContracts {
  /// EIP-4788, since Cancun.
  public static final Address BEACON_ROOTS =
      Address.of("0x000f3df6d732807ef1319fb7b8bb8522d0beac02");

  /// EIP-2935, since Prague.
  public static final Address HISTORY_STORAGE =
      Address.of("0x0000f90827f1c53a10cb7a02335b175320002935");

  /// EIP-7002, since Prague.
  public static final Address WITHDRAWAL_REQUESTS =
      Address.of("0x00000961ef480eb55e80d19ad83579a64c007002");

  /// EIP-7251, since Prague.
  public static final Address CONSOLIDATION_REQUESTS =
      Address.of("0x0000bbddc7ce488642fb579f8b00f3a590007251");

  private SystemContracts() {}
}
