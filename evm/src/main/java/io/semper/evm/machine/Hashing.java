package io.semper.evm.machine;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Limbs;
import io.semper.core.crypto.Keccak;

/// KECCAK256 (Yellow Paper, appendix H.2, 20s).
final class Hashing {
  private static final int WORD_GAS = 6;

  private Hashing() {}

  static void define(OpTable t) {
    t.op(0x20, "KECCAK256", 2, 1, 30);
  }

  /// Stack: offset, length.
  static long keccak256(Frame f, long[] s, int top, long gas) {
    int length = top - 4;
    gas = MemoryOps.chargeWords(s, length, WORD_GAS, gas);
    if (gas < 0) {
      return gas;
    }
    gas = MemoryOps.touchRange(f, s, top, length, gas);
    if (gas < 0) {
      return gas;
    }
    boolean empty = Limbs.isZero(s, length);
    Hash32 hash = empty ? Keccak.EMPTY : Keccak.hash(f.memory, (int) s[top], (int) s[length]);
    byte[] word = f.machine.wordBuffer;
    hash.writeTo(word, 0);
    s[length + 3] = BigEndian.getLong(word, 0);
    s[length + 2] = BigEndian.getLong(word, 8);
    s[length + 1] = BigEndian.getLong(word, 16);
    s[length] = BigEndian.getLong(word, 24);
    return gas;
  }
}
