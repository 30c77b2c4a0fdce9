package io.semper.evm.machine;

import io.semper.core.bytes.Limbs;
import io.semper.core.fork.Fork;

/// Flow of control within a frame, and its regular ends.
final class Control {
  static final int STOP = 0x00;
  static final int RETURN = 0xF3;
  static final int REVERT = 0xFD;
  static final int INVALID = 0xFE;

  private Control() {}

  static void define(OpTable t) {
    t.op(STOP, "STOP", 0, 0, 0);
    t.op(0x56, "JUMP", 1, 0, 8);
    t.op(0x57, "JUMPI", 2, 0, 10);
    t.op(0x58, "PC", 0, 1, 2);
    t.op(0x5A, "GAS", 0, 1, 2);
    t.op(0x5B, "JUMPDEST", 0, 0, 1);
    t.op(RETURN, "RETURN", 2, 0, 0);
    t.op(REVERT, "REVERT", 2, 0, 0, Fork.BYZANTIUM);
  }

  /// The destination on the stack, or -1 where no JUMPDEST stands there.
  static int destination(Frame f, long[] s, int top) {
    long to = s[top];
    boolean valid =
        Limbs.fitsLong(s, top)
            && to >= 0
            && to < f.code.length()
            && f.code.isJumpDestination((int) to);
    return valid ? (int) to : -1;
  }

  /// RETURN and REVERT. Stack: offset, length.
  static long output(Frame f, long[] s, int top, long gas) {
    int length = top - 4;
    gas = MemoryOps.touchRange(f, s, top, length, gas);
    if (gas >= 0 && !Limbs.isZero(s, length)) {
      f.output = f.memory;
      f.outputOffset = (int) s[top];
      f.outputLength = (int) s[length];
    }
    return gas;
  }
}
