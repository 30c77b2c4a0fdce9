package io.semper.evm.machine;

import io.semper.core.bytes.Limbs;
import io.semper.core.fork.Fork;

/// Comparison and bit-level instructions (Yellow Paper, appendix H.2, 10s).
final class Bitwise {
  private Bitwise() {}

  static void define(OpTable t) {
    t.op(0x10, "LT", 2, 1, 3);
    t.op(0x11, "GT", 2, 1, 3);
    t.op(0x12, "SLT", 2, 1, 3);
    t.op(0x13, "SGT", 2, 1, 3);
    t.op(0x14, "EQ", 2, 1, 3);
    t.op(0x15, "ISZERO", 1, 1, 3);
    t.op(0x16, "AND", 2, 1, 3);
    t.op(0x17, "OR", 2, 1, 3);
    t.op(0x18, "XOR", 2, 1, 3);
    t.op(0x19, "NOT", 1, 1, 3);
    t.op(0x1A, "BYTE", 2, 1, 3);
    t.op(0x1B, "SHL", 2, 1, 3, Fork.CONSTANTINOPLE);
    t.op(0x1C, "SHR", 2, 1, 3, Fork.CONSTANTINOPLE);
    t.op(0x1D, "SAR", 2, 1, 3, Fork.CONSTANTINOPLE);
    t.op(0x1E, "CLZ", 1, 1, 5, Fork.OSAKA);
  }

  static void lt(long[] s, int top) {
    Limbs.set(s, top - 4, Limbs.compare(s, top, top - 4) < 0 ? 1 : 0);
  }

  static void gt(long[] s, int top) {
    Limbs.set(s, top - 4, Limbs.compare(s, top, top - 4) > 0 ? 1 : 0);
  }

  static void slt(long[] s, int top) {
    Limbs.set(s, top - 4, Limbs.compareSigned(s, top, top - 4) < 0 ? 1 : 0);
  }

  static void sgt(long[] s, int top) {
    Limbs.set(s, top - 4, Limbs.compareSigned(s, top, top - 4) > 0 ? 1 : 0);
  }

  static void eq(long[] s, int top) {
    int b = top - 4;
    long difference =
        (s[top] ^ s[b])
            | (s[top + 1] ^ s[b + 1])
            | (s[top + 2] ^ s[b + 2])
            | (s[top + 3] ^ s[b + 3]);
    Limbs.set(s, b, difference == 0 ? 1 : 0);
  }

  static void iszero(long[] s, int top) {
    Limbs.set(s, top, Limbs.isZero(s, top) ? 1 : 0);
  }

  static void and(long[] s, int top) {
    s[top - 4] &= s[top];
    s[top - 3] &= s[top + 1];
    s[top - 2] &= s[top + 2];
    s[top - 1] &= s[top + 3];
  }

  static void or(long[] s, int top) {
    s[top - 4] |= s[top];
    s[top - 3] |= s[top + 1];
    s[top - 2] |= s[top + 2];
    s[top - 1] |= s[top + 3];
  }

  static void xor(long[] s, int top) {
    s[top - 4] ^= s[top];
    s[top - 3] ^= s[top + 1];
    s[top - 2] ^= s[top + 2];
    s[top - 1] ^= s[top + 3];
  }

  static void not(long[] s, int top) {
    s[top] = ~s[top];
    s[top + 1] = ~s[top + 1];
    s[top + 2] = ~s[top + 2];
    s[top + 3] = ~s[top + 3];
  }

  /// Byte `s[top]` of the word below, 0 being the most significant.
  static void byteAt(long[] s, int top) {
    int x = top - 4;
    long value = 0;
    if (Limbs.fitsLong(s, top) && Long.compareUnsigned(s[top], 32) < 0) {
      int shift = 8 * (31 - (int) s[top]);
      value = s[x + (shift >>> 6)] >>> shift & 0xFF;
    }
    Limbs.set(s, x, value);
  }

  static void shl(long[] s, int top) {
    if (shiftsAllOut(s, top)) {
      Limbs.set(s, top - 4, 0);
    } else {
      Limbs.shl(s, top - 4, (int) s[top], top - 4);
    }
  }

  static void shr(long[] s, int top) {
    if (shiftsAllOut(s, top)) {
      Limbs.set(s, top - 4, 0);
    } else {
      Limbs.shr(s, top - 4, (int) s[top], top - 4, 0);
    }
  }

  static void sar(long[] s, int top) {
    long sign = s[top - 1] >> 63;
    if (shiftsAllOut(s, top)) {
      s[top - 4] = s[top - 3] = s[top - 2] = s[top - 1] = sign;
    } else {
      Limbs.shr(s, top - 4, (int) s[top], top - 4, sign);
    }
  }

  /// EIP-7939. A zero word has 256 leading zeros.
  static void clz(long[] s, int top) {
    Limbs.set(s, top, 256 - Limbs.bitLength(s, top));
  }

  private static boolean shiftsAllOut(long[] s, int top) {
    return !Limbs.fitsLong(s, top) || Long.compareUnsigned(s[top], 256) >= 0;
  }
}
