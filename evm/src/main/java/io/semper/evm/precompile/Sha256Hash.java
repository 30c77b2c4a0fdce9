package io.semper.evm.precompile;

import io.semper.core.crypto.Sha256;
import io.semper.core.fork.Fork;

/// SHA-256 of the input.
final class Sha256Hash {
  private Sha256Hash() {}

  static long gas(byte[] input, Fork fork) {
    return Words.gas(input, 60, 12);
  }

  static byte[] run(byte[] input) {
    return Sha256.hashBytes(input);
  }
}
