package io.semper.evm.machine;

import io.semper.core.bytes.Limbs;

/// Arithmetic modulo 2^256 (Yellow Paper, appendix H.2, 0s). Operands are at `top` and below; the
/// result takes the place of the lowest operand.
final class Arithmetic {
  private Arithmetic() {}

  static void define(OpTable t) {
    t.op(0x01, "ADD", 2, 1, 3);
    t.op(0x02, "MUL", 2, 1, 5);
    t.op(0x03, "SUB", 2, 1, 3);
    t.op(0x04, "DIV", 2, 1, 5);
    t.op(0x05, "SDIV", 2, 1, 5);
    t.op(0x06, "MOD", 2, 1, 5);
    t.op(0x07, "SMOD", 2, 1, 5);
    t.op(0x08, "ADDMOD", 3, 1, 8);
    t.op(0x09, "MULMOD", 3, 1, 8);
    t.op(0x0A, "EXP", 2, 1, 10);
    t.op(0x0B, "SIGNEXTEND", 2, 1, 5);
  }

  static void add(long[] s, int top) {
    Limbs.add(s, top, top - 4, top - 4);
  }

  static void mul(long[] s, int top) {
    Limbs.mul(s, top, top - 4, top - 4);
  }

  static void sub(long[] s, int top) {
    Limbs.sub(s, top, top - 4, top - 4);
  }

  static void div(long[] s, int top, long[] scratch) {
    Limbs.div(s, top, top - 4, top - 4, scratch);
  }

  static void sdiv(long[] s, int top, long[] scratch) {
    Limbs.sdiv(s, top, top - 4, top - 4, scratch);
  }

  static void mod(long[] s, int top, long[] scratch) {
    Limbs.mod(s, top, top - 4, top - 4, scratch);
  }

  static void smod(long[] s, int top, long[] scratch) {
    Limbs.smod(s, top, top - 4, top - 4, scratch);
  }

  static void addmod(long[] s, int top, long[] scratch) {
    Limbs.addmod(s, top, top - 4, top - 8, top - 8, scratch);
  }

  static void mulmod(long[] s, int top, long[] scratch) {
    Limbs.mulmod(s, top, top - 4, top - 8, top - 8, scratch);
  }

  /// Charges for each byte of the exponent (10, and 50 since EIP-160).
  static long exp(Frame f, long[] s, int top, long gas) {
    int bytes = (Limbs.bitLength(s, top - 4) + 7) / 8;
    gas -= (long) f.machine.rules.expByteGas() * bytes;
    if (gas >= 0) {
      Limbs.exp(s, top, top - 4, top - 4, f.machine.scratch);
    }
    return gas;
  }

  /// Extends the sign of a number of `s[top] + 1` bytes over the word below.
  static void signextend(long[] s, int top) {
    if (!Limbs.fitsLong(s, top) || Long.compareUnsigned(s[top], 31) >= 0) {
      return;
    }
    int x = top - 4;
    int bit = (int) (8 * s[top] + 7);
    int limb = bit >>> 6;
    int shift = 63 - (bit & 63);
    s[x + limb] = s[x + limb] << shift >> shift;
    long sign = s[x + limb] >> 63;
    for (int i = limb + 1; i < 4; i++) {
      s[x + i] = sign;
    }
  }
}
