package io.semper.evm.machine;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Limbs;
import io.semper.core.bytes.UInt256;
import io.semper.core.fork.Fork;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.precompile.Precompile;
import io.semper.evm.state.Code;
import io.semper.evm.state.Journal;
import io.semper.evm.state.LiveAccount;
import java.util.Arrays;

/// CALL and its variants. A call that has code to run becomes a frame for the interpreter to go on
/// with; everything else (precompiles, empty accounts, refusals) is settled at once.
final class Calls {
  static final int CALL = 0xF1;
  static final int CALLCODE = 0xF2;
  static final int DELEGATECALL = 0xF4;
  static final int STATICCALL = 0xFA;

  /// Calls nested deeper fail.
  static final int MAX_DEPTH = 1024;

  private static final int VALUE_GAS = 9_000;
  private static final int STIPEND = 2_300;
  private static final int NEW_ACCOUNT_GAS = 25_000;
  private static final int WARM_ACCOUNT_GAS = 100;

  private Calls() {}

  static void define(OpTable t) {
    t.op(CALL, "CALL", 7, 1, 40);
    t.op(CALLCODE, "CALLCODE", 7, 1, 40);
    t.op(DELEGATECALL, "DELEGATECALL", 6, 1, 40, Fork.HOMESTEAD);
    t.op(STATICCALL, "STATICCALL", 6, 1, 700, Fork.BYZANTIUM);
  }

  /// Runs the instruction on `f`, whose registers are stored. Stack: gas, target, value (CALL and
  /// CALLCODE only), input offset and length, output offset and length.
  ///
  /// @return the frame to go on with, `f` itself where the call is settled, `null` where `f` fails
  static Frame begin(Frame f, int op) {
    Machine m = f.machine;
    ForkRules rules = m.rules;
    Journal journal = m.journal;
    long[] s = f.stack;
    int top = f.top;
    boolean hasValue = op == CALL || op == CALLCODE;
    boolean pays = hasValue && !Limbs.isZero(s, top - 8);
    if (op == CALL && pays && f.isStatic) {
      f.fail(Halt.STATIC_WRITE);
      return null;
    }
    int in = hasValue ? top - 12 : top - 8;
    int out = in - 8;
    long gas = MemoryOps.touchRange(f, s, in, in - 4, f.gas);
    if (gas >= 0) {
      gas = MemoryOps.touchRange(f, s, out, out - 4, gas);
    }
    if (gas < 0) {
      return null;
    }
    LiveAccount target = journal.account(s, top - 4);
    gas = Environment.chargeAccess(f, target, gas);
    if (pays) {
      gas -= VALUE_GAS;
    }
    if (op == CALL && (rules.stateClearing() ? pays && target.isEmpty() : !target.exists())) {
      gas -= NEW_ACCOUNT_GAS;
    }
    if (gas < 0) {
      return null;
    }
    Code code = journal.code(target);
    if (rules.delegation() && code.delegate() != null) {
      LiveAccount delegate = journal.account(code.delegate());
      gas = Environment.chargeAccess(f, delegate, gas - WARM_ACCOUNT_GAS);
      if (gas < 0) {
        return null;
      }
      code = m.isPrecompile(delegate.address()) ? Code.EMPTY : journal.code(delegate);
    }
    long handed = handedGas(rules, s, top, gas);
    if (handed < 0) {
      return null;
    }
    f.gas = gas - handed;
    if (pays) {
      handed += STIPEND;
    }
    f.top = out - 4;
    UInt256 value = hasValue ? Limbs.get(s, top - 8) : op == DELEGATECALL ? f.value : UInt256.ZERO;
    boolean ownState = op == CALLCODE || op == DELEGATECALL;
    int inputLength = (int) s[in - 4];
    int inputOffset = inputLength == 0 ? 0 : (int) s[in];
    int outputRoom = (int) s[out - 4];
    int outputAt = outputRoom == 0 ? 0 : (int) s[out];
    f.clearReturnData();
    Frame next =
        enter(
            m,
            f.depth + 1,
            op,
            target,
            code,
            ownState ? f.self : target,
            op == DELEGATECALL ? f.caller : f.self.address(),
            value,
            f.memory,
            inputOffset,
            inputLength,
            f.isStatic || op == STATICCALL,
            handed);
    if (next == null) {
      finish(f, outputAt, outputRoom);
      return f;
    }
    next.outputAt = outputAt;
    next.outputRoom = outputRoom;
    return next;
  }

  /// The gas a call hands on: at most all but a 64th since EIP-150, exactly what was asked for
  /// before; negative where that is not there.
  private static long handedGas(ForkRules rules, long[] s, int asked, long gas) {
    boolean small = Limbs.fitsLong(s, asked) && s[asked] >= 0;
    if (rules.keepsSixtyFourth()) {
      long most = gas - gas / 64;
      return small && s[asked] < most ? s[asked] : most;
    }
    return small && s[asked] <= gas ? s[asked] : -1;
  }

  /// Begins a call, of a transaction or an instruction.
  ///
  /// @param target whose code was asked for
  /// @param code what runs
  /// @param self whose storage and balance it runs on
  /// @return the frame to run, or `null` where the call is settled: its result is in the machine
  static Frame enter(
      Machine m,
      int depth,
      int op,
      LiveAccount target,
      Code code,
      LiveAccount self,
      Address caller,
      UInt256 value,
      byte[] input,
      int inputOffset,
      int inputLength,
      boolean isStatic,
      long gas) {
    Journal journal = m.journal;
    if (m.tracer != null) {
      m.traceEnter(
          depth,
          op,
          op == DELEGATECALL || op == CALLCODE ? self.address() : caller,
          target.address(),
          value,
          Arrays.copyOfRange(input, inputOffset, inputOffset + inputLength),
          gas);
    }
    if (depth > MAX_DEPTH) {
      return m.settle(depth, Halt.DEPTH, gas, gas);
    }
    boolean moves = (op == CALL || op == CALLCODE) && !value.isZero();
    LiveAccount payer = op == CALL && moves ? journal.account(caller) : self;
    if (moves && payer.balance().compareTo(value) < 0) {
      return m.settle(depth, Halt.INSUFFICIENT_BALANCE, gas, gas);
    }
    int snapshot = journal.snapshot();
    int logs = journal.logCount();
    long refund = journal.refund();
    Precompile precompile = m.precompile(target.address());
    if (op == CALL) {
      if (!target.exists()) {
        if (m.rules.stateClearing() && !moves && precompile == null) {
          return m.settle(depth, Halt.NONE, gas, gas);
        }
        journal.ensureExists(target);
      }
      if (moves) {
        journal.subtractBalance(payer, value);
      }
      journal.addBalance(target, value);
    } else if (op == STATICCALL) {
      journal.addBalance(target, UInt256.ZERO);
    }
    if (precompile != null) {
      runPrecompile(m, depth, precompile, input, inputOffset, inputLength, gas);
      if (m.halt != Halt.NONE) {
        journal.revert(snapshot, logs, refund);
      }
      return null;
    }
    if (code.length() == 0) {
      return m.settle(depth, Halt.NONE, gas, gas);
    }
    Frame next = m.frame(depth);
    next.reset(op, code, self, caller, value, gas);
    next.input = input;
    next.inputOffset = inputOffset;
    next.inputLength = inputLength;
    next.isStatic = isStatic;
    next.snapshot = snapshot;
    next.logsBefore = logs;
    next.refundBefore = refund;
    return next;
  }

  private static void runPrecompile(
      Machine m, int depth, Precompile precompile, byte[] memory, int from, int length, long gas) {
    byte[] input = Arrays.copyOfRange(memory, from, from + length);
    long cost = precompile.gas(input, m.rules.fork());
    if (Long.compareUnsigned(cost, gas) > 0) {
      m.settle(depth, Halt.OUT_OF_GAS, 0, gas);
      return;
    }
    byte[] output = precompile.run(input);
    if (output == null) {
      m.settle(depth, Halt.PRECOMPILE_FAILURE, 0, gas);
      return;
    }
    m.settle(depth, Halt.NONE, gas - cost, gas, output);
  }

  /// Hands the result in the machine to the caller: gas, return data, output, and the flag on top
  /// of its stack.
  static void finish(Frame caller, int outputAt, int outputRoom) {
    Machine m = caller.machine;
    caller.gas += m.gasLeft;
    caller.returnData = m.output;
    caller.returnOffset = m.outputOffset;
    caller.returnLength = m.outputLength;
    int count = Math.min(outputRoom, m.outputLength);
    if (count > 0) {
      System.arraycopy(m.output, m.outputOffset, caller.memory, outputAt, count);
    }
    Limbs.set(caller.stack, caller.top, m.halt == Halt.NONE ? 1 : 0);
  }
}
