package io.semper.evm.precompile;

import io.semper.core.fork.Fork;

/// The input itself.
final class Identity {
  private Identity() {}

  static long gas(byte[] input, Fork fork) {
    return Words.gas(input, 15, 3);
  }

  static byte[] run(byte[] input) {
    return input.clone();
  }
}
