package io.semper.evm.machine;

import io.semper.core.fork.Fork;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.state.Journal;
import io.semper.evm.state.Slot;

/// SLOAD, SSTORE and their transient kin.
final class Storage {
  private static final int SET_GAS = 20_000;
  private static final int RESET_GAS = 5_000;

  /// What the first access to a slot costs on top of a warm one (EIP-2929).
  private static final int COLD_SLOT_EXTRA = 2_000;

  private static final int COLD_SLOT_GAS = 2_100;

  /// SSTORE fails with no more gas than a plain transfer's stipend (EIP-2200).
  private static final int SENTRY_GAS = 2_300;

  private Storage() {}

  static void define(OpTable t) {
    t.op(0x54, "SLOAD", 1, 1, 50);
    t.op(0x55, "SSTORE", 2, 0, 0);
    t.op(0x5C, "TLOAD", 1, 1, 100, Fork.CANCUN);
    t.op(0x5D, "TSTORE", 2, 0, 100, Fork.CANCUN);
  }

  static long sload(Frame f, long[] s, int top, long gas) {
    Machine m = f.machine;
    Slot slot = m.journal.slot(f.self, s, top);
    if (m.rules.warmAccess() && !m.journal.warm(slot)) {
      gas -= COLD_SLOT_EXTRA;
    }
    slot.load(s, top);
    return gas;
  }

  /// Stack: key, value. The metering is the fork's: plain, EIP-1283, EIP-2200 or EIP-2929.
  static long sstore(Frame f, long[] s, int top, long gas) {
    if (f.isStatic) {
      return f.fail(Halt.STATIC_WRITE);
    }
    Journal journal = f.machine.journal;
    ForkRules rules = f.machine.rules;
    if (rules.sstoreSentry() && gas <= SENTRY_GAS) {
      return -1;
    }
    int value = top - 4;
    Slot slot = journal.slot(f.self, s, top);
    if (rules.warmAccess() && !journal.warm(slot)) {
      gas -= COLD_SLOT_GAS;
    }
    boolean clears = (s[value] | s[value + 1] | s[value + 2] | s[value + 3]) == 0;
    if (rules.sstoreNetMetering()) {
      gas = chargeNet(rules, journal, slot, s, value, clears, gas);
    } else {
      gas -= slot.isZero() && !clears ? SET_GAS : RESET_GAS;
      if (gas >= 0 && !slot.isZero() && clears) {
        journal.addRefund(rules.sstoreClearRefund());
      }
    }
    if (gas >= 0 && !slot.is(s, value)) {
      journal.store(slot, s, value);
    }
    return gas;
  }

  /// Gas by what the transaction changes on balance (EIP-1283, with the numbers of its successors).
  private static long chargeNet(
      ForkRules rules, Journal journal, Slot slot, long[] s, int value, boolean clears, long gas) {
    int unchanged = rules.sstoreUnchangedGas();
    int reset = rules.warmAccess() ? RESET_GAS - COLD_SLOT_GAS : RESET_GAS;
    if (slot.is(s, value)) {
      return gas - unchanged;
    }
    if (slot.isOriginal()) {
      gas -= slot.originalIsZero() ? SET_GAS : reset;
      if (gas >= 0 && clears) {
        journal.addRefund(rules.sstoreClearRefund());
      }
      return gas;
    }
    gas -= unchanged;
    if (gas < 0) {
      return gas;
    }
    if (!slot.originalIsZero()) {
      if (slot.isZero()) {
        journal.addRefund(-rules.sstoreClearRefund());
      } else if (clears) {
        journal.addRefund(rules.sstoreClearRefund());
      }
    }
    if (slot.originalIs(s, value)) {
      journal.addRefund((slot.originalIsZero() ? SET_GAS : reset) - unchanged);
    }
    return gas;
  }

  /// EIP-1153.
  static void tload(Frame f, long[] s, int top) {
    f.machine.journal.loadTransient(f.self, s, top);
  }

  /// EIP-1153. Stack: key, value.
  static long tstore(Frame f, long[] s, int top, long gas) {
    if (f.isStatic) {
      return f.fail(Halt.STATIC_WRITE);
    }
    f.machine.journal.storeTransient(f.self, s, top, top - 4);
    return gas;
  }
}
