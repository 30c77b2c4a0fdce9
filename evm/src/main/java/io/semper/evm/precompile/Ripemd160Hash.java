package io.semper.evm.precompile;

import io.semper.core.crypto.Ripemd160;
import io.semper.core.fork.Fork;

/// RIPEMD-160 of the input, as a word with the 20 bytes on the right.
final class Ripemd160Hash {
  private Ripemd160Hash() {}

  static long gas(byte[] input, Fork fork) {
    return Words.gas(input, 600, 120);
  }

  static byte[] run(byte[] input) {
    byte[] out = new byte[32];
    System.arraycopy(Ripemd160.hash(input), 0, out, 32 - Ripemd160.BYTES, Ripemd160.BYTES);
    return out;
  }
}
