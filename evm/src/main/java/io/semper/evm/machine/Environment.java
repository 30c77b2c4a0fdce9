package io.semper.evm.machine;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Limbs;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.evm.Halt;
import io.semper.evm.state.Code;
import io.semper.evm.state.LiveAccount;

/// What a contract can see of its call and of other accounts (Yellow Paper, appendix H.2, 30s).
final class Environment {
  /// What the first access to an account costs on top of a warm one (EIP-2929).
  static final int COLD_ACCOUNT_EXTRA = 2500;

  private Environment() {}

  static void define(OpTable t) {
    t.op(0x30, "ADDRESS", 0, 1, 2);
    t.op(0x31, "BALANCE", 1, 1, 20);
    t.op(0x32, "ORIGIN", 0, 1, 2);
    t.op(0x33, "CALLER", 0, 1, 2);
    t.op(0x34, "CALLVALUE", 0, 1, 2);
    t.op(0x35, "CALLDATALOAD", 1, 1, 3);
    t.op(0x36, "CALLDATASIZE", 0, 1, 2);
    t.op(0x37, "CALLDATACOPY", 3, 0, 3);
    t.op(0x38, "CODESIZE", 0, 1, 2);
    t.op(0x39, "CODECOPY", 3, 0, 3);
    t.op(0x3A, "GASPRICE", 0, 1, 2);
    t.op(0x3B, "EXTCODESIZE", 1, 1, 20);
    t.op(0x3C, "EXTCODECOPY", 4, 0, 20);
    t.op(0x3D, "RETURNDATASIZE", 0, 1, 2, Fork.BYZANTIUM);
    t.op(0x3E, "RETURNDATACOPY", 3, 0, 3, Fork.BYZANTIUM);
    t.op(0x3F, "EXTCODEHASH", 1, 1, 400, Fork.CONSTANTINOPLE);
  }

  static void pushAddress(long[] s, int at, Address address) {
    s[at] = address.low();
    s[at + 1] = address.middle();
    s[at + 2] = address.high() & 0xFFFFFFFFL;
    s[at + 3] = 0;
  }

  /// Charges for a cold account where accesses are told apart (EIP-2929).
  static long chargeAccess(Frame f, LiveAccount account, long gas) {
    Machine m = f.machine;
    return !m.rules.warmAccess() || m.warm(account) ? gas : gas - COLD_ACCOUNT_EXTRA;
  }

  static long balance(Frame f, long[] s, int top, long gas) {
    LiveAccount account = f.machine.journal.account(s, top);
    gas = chargeAccess(f, account, gas);
    Limbs.set(s, top, account.balance());
    return gas;
  }

  static void calldataload(Frame f, long[] s, int top) {
    if (!Limbs.fitsLong(s, top) || s[top] < 0 || s[top] >= f.inputLength) {
      Limbs.set(s, top, 0);
      return;
    }
    int from = (int) s[top];
    if (f.inputLength - from >= 32) {
      MemoryOps.load(f.input, f.inputOffset + from, s, top);
    } else {
      byte[] word = f.machine.wordBuffer;
      int n = f.inputLength - from;
      System.arraycopy(f.input, f.inputOffset + from, word, 0, n);
      for (int i = n; i < 32; i++) {
        word[i] = 0;
      }
      MemoryOps.load(word, 0, s, top);
    }
  }

  static long calldatacopy(Frame f, long[] s, int top, long gas) {
    return MemoryOps.copy(f, s, top, f.input, f.inputOffset, f.inputLength, gas);
  }

  static long codecopy(Frame f, long[] s, int top, long gas) {
    return MemoryOps.copy(f, s, top, f.code.padded(), 0, f.code.length(), gas);
  }

  static long extcodesize(Frame f, long[] s, int top, long gas) {
    Machine m = f.machine;
    LiveAccount account = m.journal.account(s, top);
    gas = chargeAccess(f, account, gas);
    if (gas >= 0) {
      Limbs.set(s, top, m.journal.code(account).length());
    }
    return gas;
  }

  /// Stack: account, destination in memory, offset in code, length.
  static long extcodecopy(Frame f, long[] s, int top, long gas) {
    Machine m = f.machine;
    LiveAccount account = m.journal.account(s, top);
    gas = chargeAccess(f, account, gas);
    if (gas < 0) {
      return gas;
    }
    Code code = m.journal.code(account);
    return MemoryOps.copy(f, s, top - 4, code.padded(), 0, code.length(), gas);
  }

  /// EIP-1052: zero for accounts that do not exist or are empty.
  static long extcodehash(Frame f, long[] s, int top, long gas) {
    LiveAccount account = f.machine.journal.account(s, top);
    gas = chargeAccess(f, account, gas);
    Limbs.set(s, top, account.isEmpty() ? UInt256.ZERO : account.codeHash().toUInt256());
    return gas;
  }

  /// EIP-211: reading past the end fails instead of reading zeros.
  static long returndatacopy(Frame f, long[] s, int top, long gas) {
    int from = top - 4;
    int length = top - 8;
    boolean within =
        Limbs.fitsLong(s, from)
            && Limbs.fitsLong(s, length)
            && s[from] >= 0
            && s[length] >= 0
            && s[from] <= f.returnLength
            && s[length] <= f.returnLength - s[from];
    if (!within) {
      return f.fail(Halt.RETURN_DATA_OUT_OF_BOUNDS);
    }
    return MemoryOps.copy(f, s, top, f.returnData, f.returnOffset, f.returnLength, gas);
  }
}
