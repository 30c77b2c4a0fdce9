package io.semper.evm.machine;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Limbs;
import io.semper.core.fork.Fork;
import java.util.Arrays;

/// Memory instructions, and the growth of memory that others share.
///
/// Memory is paid for before it is allocated (Yellow Paper, appendix H.1). Methods that charge
/// return the gas left, negative where it did not suffice.
final class MemoryOps {
  private static final int WORD_GAS = 3;
  private static final int COPY_GAS = 3;

  /// An offset or length above this is never affordable: 2^51 gas. Below it costs fit a `long`.
  private static final long MAX_END = 1L << 35;

  private MemoryOps() {}

  static void define(OpTable t) {
    t.op(0x51, "MLOAD", 1, 1, 3);
    t.op(0x52, "MSTORE", 2, 0, 3);
    t.op(0x53, "MSTORE8", 2, 0, 3);
    t.op(0x59, "MSIZE", 0, 1, 2);
    t.op(0x5E, "MCOPY", 3, 0, 3, Fork.CANCUN);
  }

  static long mload(Frame f, long[] s, int top, long gas) {
    gas = touch(f, s, top, 32, gas);
    if (gas >= 0) {
      load(f.memory, (int) s[top], s, top);
    }
    return gas;
  }

  static long mstore(Frame f, long[] s, int top, long gas) {
    gas = touch(f, s, top, 32, gas);
    if (gas >= 0) {
      store(s, top - 4, f.memory, (int) s[top]);
    }
    return gas;
  }

  static long mstore8(Frame f, long[] s, int top, long gas) {
    gas = touch(f, s, top, 1, gas);
    if (gas >= 0) {
      f.memory[(int) s[top]] = (byte) s[top - 4];
    }
    return gas;
  }

  /// EIP-5656. Stack: destination, source, length.
  static long mcopy(Frame f, long[] s, int top, long gas) {
    int length = top - 8;
    gas = chargeCopy(s, length, gas);
    if (gas < 0 || Limbs.isZero(s, length)) {
      return gas;
    }
    int further = Limbs.compare(s, top, top - 4) > 0 ? top : top - 4;
    gas = touchRange(f, s, further, length, gas);
    if (gas >= 0) {
      System.arraycopy(f.memory, (int) s[top - 4], f.memory, (int) s[top], (int) s[length]);
    }
    return gas;
  }

  /// Copies bytes of `source` beyond whose end there are zeros. Stack: destination in memory,
  /// offset in source, length.
  static long copy(
      Frame f, long[] s, int top, byte[] source, int start, int sourceLength, long gas) {
    int length = top - 8;
    gas = chargeCopy(s, length, gas);
    if (gas < 0 || Limbs.isZero(s, length)) {
      return gas;
    }
    gas = touchRange(f, s, top, length, gas);
    if (gas < 0) {
      return gas;
    }
    int to = (int) s[top];
    int count = (int) s[length];
    int available = 0;
    if (Limbs.fitsLong(s, top - 4) && s[top - 4] >= 0 && s[top - 4] < sourceLength) {
      int from = (int) s[top - 4];
      available = Math.min(count, sourceLength - from);
      System.arraycopy(source, start + from, f.memory, to, available);
    }
    Arrays.fill(f.memory, to + available, to + count, (byte) 0);
    return gas;
  }

  /// Charges three gas for each word of a length on the stack.
  static long chargeCopy(long[] s, int length, long gas) {
    return chargeWords(s, length, COPY_GAS, gas);
  }

  /// Charges for each word of a length on the stack, the length itself being unbounded.
  static long chargeWords(long[] s, int length, int gasPerWord, long gas) {
    if (!Limbs.fitsLong(s, length) || s[length] < 0 || s[length] > MAX_END) {
      return -1;
    }
    return gas - gasPerWord * (s[length] + 31 >>> 5);
  }

  /// Grows memory over `length` bytes at an offset on the stack.
  static long touch(Frame f, long[] s, int offset, int length, long gas) {
    return touch(f, s[offset], s[offset + 1] | s[offset + 2] | s[offset + 3], length, gas);
  }

  /// The same for an offset whose upper limbs, or-ed, are `upper`.
  static long touch(Frame f, long offset, long upper, int length, long gas) {
    if (upper != 0 || offset < 0 || offset > MAX_END) {
      return -1;
    }
    long end = offset + length;
    return end <= f.memorySize ? gas : grow(f, end, gas);
  }

  /// Grows memory over an offset and a length that are both on the stack; nothing where the length
  /// is zero.
  static long touchRange(Frame f, long[] s, int offset, int length, long gas) {
    if (Limbs.isZero(s, length)) {
      return gas;
    }
    if (!Limbs.fitsLong(s, length) || s[length] < 0 || s[length] > MAX_END) {
      return -1;
    }
    if (!Limbs.fitsLong(s, offset) || s[offset] < 0 || s[offset] > MAX_END) {
      return -1;
    }
    long end = s[offset] + s[length];
    return end <= f.memorySize ? gas : grow(f, end, gas);
  }

  private static long grow(Frame f, long end, long gas) {
    long words = end + 31 >>> 5;
    gas -= cost(words) - cost(f.memorySize >>> 5);
    if (gas < 0) {
      return gas;
    }
    long size = words << 5;
    if (size > Integer.MAX_VALUE - 8) {
      return -1; // Takes 8.8 * 10^12 gas: no chain comes near.
    }
    if (size > f.memory.length) {
      long room = Math.min(Math.max(size, 2L * f.memory.length), Integer.MAX_VALUE - 8);
      f.memory = Arrays.copyOf(f.memory, (int) room);
    }
    Arrays.fill(f.memory, f.memorySize, (int) size, (byte) 0);
    f.memorySize = (int) size;
    return gas;
  }

  private static long cost(long words) {
    return WORD_GAS * words + words * words / 512;
  }

  static void load(byte[] from, int offset, long[] s, int at) {
    s[at + 3] = BigEndian.getLong(from, offset);
    s[at + 2] = BigEndian.getLong(from, offset + 8);
    s[at + 1] = BigEndian.getLong(from, offset + 16);
    s[at] = BigEndian.getLong(from, offset + 24);
  }

  static void store(long[] s, int at, byte[] to, int offset) {
    BigEndian.putLong(to, offset, s[at + 3]);
    BigEndian.putLong(to, offset + 8, s[at + 2]);
    BigEndian.putLong(to, offset + 16, s[at + 1]);
    BigEndian.putLong(to, offset + 24, s[at]);
  }
}
