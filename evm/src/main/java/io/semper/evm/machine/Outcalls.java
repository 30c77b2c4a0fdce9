package io.semper.evm.machine;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Limbs;
import io.semper.evm.Halt;

/// Everything that translated code calls, by name: see [Region].
///
/// Words come and go as four limbs, least significant first, in arguments or in the machine's
/// `words` array, where an instruction with `n` operands finds the top one at `4 * (n - 1)` and
/// leaves its result at 0, as it would on a stack. Gas goes in and comes out; negative gas means
/// that the frame fails.
///
/// The arithmetic here has no branches, so that a compiler can merge what is computed twice.
final class Outcalls {
  private Outcalls() {}

  // ---- Arithmetic

  /// The carry out of `a + b` plus a carry in, given their sum.
  static long carry(long a, long b, long sum) {
    return (a & b | (a | b) & ~sum) >>> 63;
  }

  /// The borrow out of `a - b` less a borrow in, given their difference.
  static long borrow(long a, long b, long difference) {
    return (~a & b | (~a | b) & difference) >>> 63;
  }

  /// 1 for zero, else 0.
  static long isZero(long x) {
    return ~(x | -x) >>> 63;
  }

  static long less(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? 1 : 0;
  }

  static long less(long a0, long a1, long a2, long a3, long b0, long b1, long b2, long b3) {
    if (a3 != b3) {
      return less(a3, b3);
    }
    if (a2 != b2) {
      return less(a2, b2);
    }
    return a1 != b1 ? less(a1, b1) : less(a0, b0);
  }

  static long lessSigned(long a0, long a1, long a2, long a3, long b0, long b1, long b2, long b3) {
    if (a3 != b3) {
      return a3 < b3 ? 1 : 0;
    }
    return less(a0, a1, a2, 0, b0, b1, b2, 0);
  }

  /// 1 where adding `addend` to a part of a product gave `sum` with a carry. Not [#less], whose
  /// branch goes one way for long: here it is to become a conditional move.
  private static long carryOut(long sum, long addend) {
    return Long.compareUnsigned(sum, addend) < 0 ? 1 : 0;
  }

  static void mul(
      long[] w, long a0, long a1, long a2, long a3, long b0, long b1, long b2, long b3) {
    long c = Math.unsignedMultiplyHigh(a0, b0);
    long r1 = a1 * b0 + c;
    c = Math.unsignedMultiplyHigh(a1, b0) + carryOut(r1, c);
    long r2 = a2 * b0 + c;
    c = Math.unsignedMultiplyHigh(a2, b0) + carryOut(r2, c);
    long r3 = a3 * b0 + c;

    long l = a0 * b1;
    r1 += l;
    c = Math.unsignedMultiplyHigh(a0, b1) + carryOut(r1, l);
    l = a1 * b1 + c;
    c = Math.unsignedMultiplyHigh(a1, b1) + carryOut(l, c);
    r2 += l;
    c += carryOut(r2, l);
    r3 += a2 * b1 + c;

    l = a0 * b2;
    r2 += l;
    c = Math.unsignedMultiplyHigh(a0, b2) + carryOut(r2, l);
    w[0] = a0 * b0;
    w[1] = r1;
    w[2] = r2;
    w[3] = r3 + a1 * b2 + c + a0 * b3;
  }

  static void mul(long[] w, long a0, long a1, long a2, long a3, long b) {
    long c = Math.unsignedMultiplyHigh(a0, b);
    long r1 = a1 * b + c;
    c = Math.unsignedMultiplyHigh(a1, b) + carryOut(r1, c);
    long r2 = a2 * b + c;
    c = Math.unsignedMultiplyHigh(a2, b) + carryOut(r2, c);
    w[0] = a0 * b;
    w[1] = r1;
    w[2] = r2;
    w[3] = a3 * b + c;
  }

  static long div(long a, long b) {
    return b == 0 ? 0 : Long.divideUnsigned(a, b);
  }

  static long mod(long a, long b) {
    return b == 0 ? 0 : Long.remainderUnsigned(a, b);
  }

  /// DIV and MOD at once: the quotient is left at 0, the remainder at 4.
  static void divmod(Frame f, long[] w) {
    Limbs.divmod(w, 4, 0, 0, 4, f.machine.scratch);
  }

  static void sdiv(Frame f, long[] w) {
    Limbs.sdiv(w, 4, 0, 0, f.machine.scratch);
  }

  static void smod(Frame f, long[] w) {
    Limbs.smod(w, 4, 0, 0, f.machine.scratch);
  }

  static void addmod(Frame f, long[] w) {
    Limbs.addmod(w, 8, 4, 0, 0, f.machine.scratch);
  }

  static void mulmod(Frame f, long[] w) {
    Limbs.mulmod(w, 8, 4, 0, 0, f.machine.scratch);
  }

  static long exp(Frame f, long[] w, long gas) {
    return Arithmetic.exp(f, w, 4, gas);
  }

  static void signextend(Frame f, long[] w) {
    Arithmetic.signextend(w, 4);
  }

  static void byteAt(Frame f, long[] w) {
    Bitwise.byteAt(w, 4);
  }

  static void shl(Frame f, long[] w) {
    Bitwise.shl(w, 4);
  }

  static void shr(Frame f, long[] w) {
    Bitwise.shr(w, 4);
  }

  static void sar(Frame f, long[] w) {
    Bitwise.sar(w, 4);
  }

  static void clz(Frame f, long[] w) {
    Bitwise.clz(w, 0);
  }

  // ---- Memory

  /// Negative where memory does not reach over `length` bytes at an offset whose upper limbs,
  /// or-ed, are `upper`. Offset and end may be anything.
  static long room(Frame f, long offset, long upper, int length) {
    long end = offset + length;
    return upper | -upper | offset | end | f.memorySize - end;
  }

  /// Grows memory over `length` bytes at such an offset.
  static long grow(Frame f, long offset, long upper, int length, long gas) {
    return MemoryOps.touch(f, offset, upper, length, gas);
  }

  /// The eight bytes at `offset`.
  static long load(Frame f, int offset) {
    return BigEndian.getLong(f.memory, offset);
  }

  static void store(Frame f, int offset, long v0, long v1, long v2, long v3) {
    byte[] memory = f.memory;
    BigEndian.putLong(memory, offset, v3);
    BigEndian.putLong(memory, offset + 8, v2);
    BigEndian.putLong(memory, offset + 16, v1);
    BigEndian.putLong(memory, offset + 24, v0);
  }

  static void store(Frame f, int offset, long value) {
    f.memory[offset] = (byte) value;
  }

  static long mcopy(Frame f, long[] w, long gas) {
    return MemoryOps.mcopy(f, w, 8, gas);
  }

  static long keccak256(Frame f, long[] w, long gas) {
    return Hashing.keccak256(f, w, 4, gas);
  }

  // ---- Environment

  static void address(Frame f, long[] w) {
    Environment.pushAddress(w, 0, f.self.address());
  }

  static void origin(Frame f, long[] w) {
    Environment.pushAddress(w, 0, f.machine.origin);
  }

  static void caller(Frame f, long[] w) {
    Environment.pushAddress(w, 0, f.caller);
  }

  static void callvalue(Frame f, long[] w) {
    Limbs.set(w, 0, f.value);
  }

  static void calldataload(Frame f, long[] w) {
    Environment.calldataload(f, w, 0);
  }

  static long calldatasize(Frame f) {
    return f.inputLength;
  }

  static long calldatacopy(Frame f, long[] w, long gas) {
    return Environment.calldatacopy(f, w, 8, gas);
  }

  static long codecopy(Frame f, long[] w, long gas) {
    return Environment.codecopy(f, w, 8, gas);
  }

  static void gasprice(Frame f, long[] w) {
    Limbs.set(w, 0, f.machine.gasPrice);
  }

  static long balance(Frame f, long[] w, long gas) {
    return Environment.balance(f, w, 0, gas);
  }

  static long extcodesize(Frame f, long[] w, long gas) {
    return Environment.extcodesize(f, w, 0, gas);
  }

  static long extcodehash(Frame f, long[] w, long gas) {
    return Environment.extcodehash(f, w, 0, gas);
  }

  static long returndatasize(Frame f) {
    return f.returnLength;
  }

  static long returndatacopy(Frame f, long[] w, long gas) {
    return gas < 0 ? gas : Environment.returndatacopy(f, w, 8, gas);
  }

  static void coinbase(Frame f, long[] w) {
    BlockInfo.coinbase(f, w, 0);
  }

  static long timestamp(Frame f) {
    return f.machine.env.timestamp();
  }

  static long number(Frame f) {
    return f.machine.env.number();
  }

  static void difficulty(Frame f, long[] w) {
    BlockInfo.difficulty(f, w, 0);
  }

  static long gaslimit(Frame f) {
    return f.machine.env.gasLimit();
  }

  static void chainid(Frame f, long[] w) {
    Limbs.set(w, 0, f.machine.env.chainId());
  }

  static void selfbalance(Frame f, long[] w) {
    Limbs.set(w, 0, f.self.balance());
  }

  static void basefee(Frame f, long[] w) {
    Limbs.set(w, 0, f.machine.env.baseFee());
  }

  static long msize(Frame f) {
    return f.memorySize;
  }

  // ---- Storage and logs

  static long sload(Frame f, long[] w, long gas) {
    return Storage.sload(f, w, 0, gas);
  }

  static long sstore(Frame f, long[] w, long gas) {
    return gas < 0 ? gas : Storage.sstore(f, w, 4, gas);
  }

  static void tload(Frame f, long[] w) {
    Storage.tload(f, w, 0);
  }

  static long tstore(Frame f, long[] w, long gas) {
    return gas < 0 ? gas : Storage.tstore(f, w, 4, gas);
  }

  static long log0(Frame f, long[] w, long gas) {
    return gas < 0 ? gas : Logs.log(f, w, 4, 0, gas);
  }

  static long log1(Frame f, long[] w, long gas) {
    return gas < 0 ? gas : Logs.log(f, w, 8, 1, gas);
  }

  static long log2(Frame f, long[] w, long gas) {
    return gas < 0 ? gas : Logs.log(f, w, 12, 2, gas);
  }

  static long log3(Frame f, long[] w, long gas) {
    return gas < 0 ? gas : Logs.log(f, w, 16, 3, gas);
  }

  static long log4(Frame f, long[] w, long gas) {
    return gas < 0 ? gas : Logs.log(f, w, 20, 4, gas);
  }

  // ---- Words to and from arrays

  static void put(long[] s, int at, long l0, long l1, long l2, long l3) {
    s[at] = l0;
    s[at + 1] = l1;
    s[at + 2] = l2;
    s[at + 3] = l3;
  }

  static void put(long[] s, int at, long l0) {
    s[at] = l0;
    s[at + 1] = 0;
    s[at + 2] = 0;
    s[at + 3] = 0;
  }

  // ---- The end of a region

  static boolean isCancelled(Frame f) {
    return f.machine.cancelled;
  }

  /// Leaves the frame to whoever can go on at `pc`. Nothing is left of the gas: the frame fails.
  static Halt leave(Frame f, int pc, int top, long gas) {
    f.pc = pc;
    f.top = top;
    f.gas = gas;
    return gas < 0 ? Halt.OUT_OF_GAS : null;
  }

  /// Jumps to where the top word says. Where no JUMPDEST stands there, the interpreter comes to the
  /// same conclusion at `pc`.
  static Halt jump(Frame f, int pc, int top, long gas) {
    int to = Control.destination(f, f.stack, top);
    if (to < 0) {
      return leave(f, pc, top, gas);
    }
    return leave(f, to, top - 4, gas - GasTable.gas(f.machine.table[0x56]));
  }

  static Halt stop(Frame f, long gas) {
    f.gas = gas;
    return gas < 0 ? Halt.OUT_OF_GAS : Halt.NONE;
  }

  static Halt output(Frame f, long[] w, long gas) {
    f.gas = Control.output(f, w, 4, gas);
    return f.gas < 0 ? Halt.OUT_OF_GAS : Halt.NONE;
  }

  static Halt revert(Frame f, long[] w, long gas) {
    f.gas = Control.output(f, w, 4, gas);
    return f.gas < 0 ? Halt.OUT_OF_GAS : Halt.REVERT;
  }

  static Halt fail(Frame f) {
    return f.whyFailed();
  }

  static Halt timeout(Frame f) {
    return Halt.TIMEOUT;
  }
}
