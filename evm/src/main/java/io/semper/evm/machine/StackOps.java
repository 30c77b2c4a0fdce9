package io.semper.evm.machine;

import io.semper.core.bytes.BigEndian;
import io.semper.core.fork.Fork;

/// POP, PUSH, DUP and SWAP (Yellow Paper, appendix H.2, 50s to 90s).
final class StackOps {
  private StackOps() {}

  static void define(OpTable t) {
    t.op(0x50, "POP", 1, 0, 2);
    t.op(0x5F, "PUSH0", 0, 1, 2, Fork.SHANGHAI);
    for (int n = 1; n <= 32; n++) {
      t.op(0x5F + n, "PUSH" + n, 0, 1, 3);
    }
    for (int n = 1; n <= 16; n++) {
      t.op(0x7F + n, "DUP" + n, n, n + 1, 3);
      t.op(0x8F + n, "SWAP" + n, n + 1, n + 1, 3);
    }
  }

  /// Puts `n` bytes of code, 1 to 8, at `at`. Code is padded, so eight can always be read.
  static void pushShort(long[] s, int at, byte[] code, int pc, int n) {
    s[at] = BigEndian.getLong(code, pc + 1) >>> (64 - 8 * n);
    s[at + 1] = 0;
    s[at + 2] = 0;
    s[at + 3] = 0;
  }

  /// Puts `n` bytes of code, 9 to 32, at `at`.
  static void pushLong(long[] s, int at, byte[] code, int pc, int n) {
    int end = pc + 1 + n;
    for (int limb = 0; limb < 4; limb++) {
      int left = n - 8 * limb;
      if (left >= 8) {
        s[at + limb] = BigEndian.getLong(code, end - 8 * limb - 8);
      } else if (left > 0) {
        s[at + limb] = BigEndian.getLong(code, pc + 1) >>> (64 - 8 * left);
      } else {
        s[at + limb] = 0;
      }
    }
  }

  static void copy(long[] s, int from, int to) {
    s[to] = s[from];
    s[to + 1] = s[from + 1];
    s[to + 2] = s[from + 2];
    s[to + 3] = s[from + 3];
  }

  static void swap(long[] s, int a, int b) {
    long t0 = s[a];
    long t1 = s[a + 1];
    long t2 = s[a + 2];
    long t3 = s[a + 3];
    s[a] = s[b];
    s[a + 1] = s[b + 1];
    s[a + 2] = s[b + 2];
    s[a + 3] = s[b + 3];
    s[b] = t0;
    s[b + 1] = t1;
    s[b + 2] = t2;
    s[b + 3] = t3;
  }
}
