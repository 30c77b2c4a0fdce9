package io.semper.evm.precompile;

import io.semper.core.crypto.P256;
import io.semper.core.fork.Fork;
import java.util.Arrays;

/// ECDSA over P-256 (EIP-7951). Input: hash, r, s, x, y, a word each. Output: the word 1 for a
/// valid signature, nothing for anything else.
final class P256Verify {
  private static final int INPUT_BYTES = 160;
  private static final byte[] NONE = {};

  private P256Verify() {}

  static long gas(byte[] input, Fork fork) {
    return 6900;
  }

  static byte[] run(byte[] input) {
    if (input.length != INPUT_BYTES
        || !P256.verify(
            word(input, 0), word(input, 1), word(input, 2), word(input, 3), word(input, 4))) {
      return NONE;
    }
    byte[] out = new byte[32];
    out[31] = 1;
    return out;
  }

  private static byte[] word(byte[] input, int index) {
    return Arrays.copyOfRange(input, 32 * index, 32 * index + 32);
  }
}
