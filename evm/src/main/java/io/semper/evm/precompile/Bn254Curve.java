package io.semper.evm.precompile;

import io.semper.core.crypto.Bn254;
import io.semper.core.fork.Fork;

/// Sum, multiple and pairing over alt_bn128 (EIP-196, EIP-197), repriced by EIP-1108 in Istanbul.
final class Bn254Curve {
  private static final int PAIR_BYTES = 192;

  private Bn254Curve() {}

  static long addGas(byte[] input, Fork fork) {
    return fork.atLeast(Fork.ISTANBUL) ? 150 : 500;
  }

  static long mulGas(byte[] input, Fork fork) {
    return fork.atLeast(Fork.ISTANBUL) ? 6000 : 40_000;
  }

  static long pairingGas(byte[] input, Fork fork) {
    long pairs = input.length / PAIR_BYTES;
    return fork.atLeast(Fork.ISTANBUL) ? 45_000 + 34_000 * pairs : 100_000 + 80_000 * pairs;
  }

  static byte[] add(byte[] input) {
    return Bn254.add(input);
  }

  static byte[] mul(byte[] input) {
    return Bn254.mul(input);
  }

  static byte[] pairing(byte[] input) {
    return Bn254.pairing(input);
  }
}
