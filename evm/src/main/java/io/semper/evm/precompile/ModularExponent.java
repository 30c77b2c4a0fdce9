package io.semper.evm.precompile;

import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.ModExp;
import io.semper.core.fork.Fork;

/// `base ^ exponent mod modulus` (EIP-198, repriced by EIP-2565 and EIP-7883, bounded by EIP-7823).
///
/// Input: the lengths of the three in a word each, then the three. Input ends in endless zeros.
final class ModularExponent {
  private static final int HEAD_BYTES = 96;

  /// EIP-7823, from Osaka on.
  private static final int MAX_LENGTH_BYTES = 1024;

  private ModularExponent() {}

  static long gas(byte[] input, Fork fork) {
    UInt256 baseLength = length(input, 0);
    UInt256 exponentLength = length(input, 1);
    UInt256 modulusLength = length(input, 2);
    UInt256 widest = baseLength.compareTo(modulusLength) > 0 ? baseLength : modulusLength;
    if (fork.atLeast(Fork.OSAKA)) {
      UInt256 max = UInt256.of(MAX_LENGTH_BYTES);
      if (widest.compareTo(max) > 0 || exponentLength.compareTo(max) > 0) {
        return Long.MAX_VALUE;
      }
      return Math.max(500, times(complexity7883(widest.limb0()), steps(input, 16)));
    }
    boolean berlin = fork.atLeast(Fork.BERLIN);
    if (widest.isZero()) {
      return berlin ? 200 : 0;
    }
    // Beyond an int the price exceeds what a block could ever hold.
    if (widest.toLongSaturated() > Integer.MAX_VALUE
        || exponentLength.toLongSaturated() > Integer.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    long bytes = widest.limb0();
    return berlin
        ? Math.max(200, times(complexity2565(bytes), steps(input, 8)) / 3)
        : times(complexity198(bytes), steps(input, 8)) / 20;
  }

  static byte[] run(byte[] input) {
    int modulusLength = intLength(input, 2);
    if (modulusLength == 0) {
      return new byte[0];
    }
    int baseLength = intLength(input, 0);
    int exponentLength = intLength(input, 1);
    long exponentAt = (long) HEAD_BYTES + baseLength;
    return ModExp.modExp(
        slice(input, HEAD_BYTES, baseLength),
        slice(input, exponentAt, exponentLength),
        slice(input, exponentAt + exponentLength, modulusLength));
  }

  private static long complexity198(long bytes) {
    long square = bytes * bytes;
    if (bytes <= 64) {
      return square;
    }
    return bytes <= 1024 ? square / 4 + 96 * bytes - 3072 : square / 16 + 480 * bytes - 199_680;
  }

  private static long complexity2565(long bytes) {
    long words = (bytes + 7) / 8;
    return words * words;
  }

  private static long complexity7883(long bytes) {
    return bytes <= 32 ? 16 : 2 * complexity2565(bytes);
  }

  /// The squarings an exponent takes: the bits behind its first one, by its first 32 bytes, and
  /// `perByte` for each byte after them.
  private static long steps(byte[] input, int perByte) {
    long baseLength = length(input, 0).limb0();
    long exponentLength = length(input, 1).limb0();
    int leading = (int) Math.min(32, exponentLength);
    UInt256 head = UInt256.of(slice(input, HEAD_BYTES + baseLength, leading));
    long bits = Math.max(0, head.bitLength() - 1);
    return Math.max(1, perByte * (exponentLength - leading) + bits);
  }

  /// The product, or `Long.MAX_VALUE` where it exceeds it.
  private static long times(long a, long b) {
    long product = a * b;
    return product < 0 || Math.unsignedMultiplyHigh(a, b) != 0 ? Long.MAX_VALUE : product;
  }

  private static UInt256 length(byte[] input, int index) {
    return UInt256.of(slice(input, 32L * index, 32));
  }

  /// A length that [#gas] has found affordable.
  private static int intLength(byte[] input, int index) {
    return (int) Math.min(length(input, index).toLongSaturated(), Integer.MAX_VALUE);
  }

  private static byte[] slice(byte[] input, long from, int length) {
    byte[] out = new byte[length];
    if (from < input.length) {
      int start = (int) from;
      System.arraycopy(input, start, out, 0, Math.min(length, input.length - start));
    }
    return out;
  }
}
