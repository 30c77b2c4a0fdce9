package io.semper.evm.machine;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Limbs;
import io.semper.core.bytes.UInt256;
import io.semper.core.crypto.Keccak;
import io.semper.core.fork.Fork;
import io.semper.core.types.ContractAddress;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.fork.SelfDestruct;
import io.semper.evm.state.Code;
import io.semper.evm.state.Journal;
import io.semper.evm.state.LiveAccount;

/// CREATE, CREATE2 and SELFDESTRUCT: how contracts come and go.
final class Creates {
  static final int CREATE = 0xF0;
  static final int CREATE2 = 0xF5;
  static final int SELFDESTRUCT = 0xFF;

  private static final int HASH_WORD_GAS = 6;
  private static final int CODE_BYTE_GAS = 200;
  private static final int NEW_ACCOUNT_GAS = 25_000;
  private static final int COLD_ACCOUNT_GAS = 2_600;

  private Creates() {}

  static void define(OpTable t) {
    t.op(CREATE, "CREATE", 3, 1, 32_000);
    t.op(CREATE2, "CREATE2", 4, 1, 32_000, Fork.CONSTANTINOPLE);
    t.op(SELFDESTRUCT, "SELFDESTRUCT", 1, 0, 0);
  }

  /// Runs the instruction on `f`, whose registers are stored. Stack: value, offset and length of
  /// the initialisation code, salt (CREATE2 only).
  ///
  /// @return the frame to go on with, `f` itself where the creation is settled, `null` where `f`
  ///   fails
  static Frame begin(Frame f, int op) {
    Machine m = f.machine;
    ForkRules rules = m.rules;
    Journal journal = m.journal;
    long[] s = f.stack;
    int top = f.top;
    int length = top - 8;
    if (f.isStatic) {
      f.fail(Halt.STATIC_WRITE);
      return null;
    }
    long gas = MemoryOps.touchRange(f, s, top - 4, length, f.gas);
    if (gas >= 0 && s[length] > rules.maxInitCodeBytes()) {
      gas = f.fail(Halt.INITCODE_SIZE);
    }
    if (gas >= 0) {
      int perWord = rules.initCodeWordGas() + (op == CREATE2 ? HASH_WORD_GAS : 0);
      gas = MemoryOps.chargeWords(s, length, perWord, gas);
    }
    if (gas < 0) {
      return null;
    }
    long handed = rules.keepsSixtyFourth() ? gas - gas / 64 : gas;
    f.gas = gas - handed;
    f.top = op == CREATE2 ? top - 12 : top - 8;
    f.clearReturnData();

    UInt256 value = Limbs.get(s, top);
    int size = (int) s[length];
    int from = size == 0 ? 0 : (int) s[top - 4];
    LiveAccount creator = f.self;
    Halt refused = null;
    if (f.depth + 1 > Calls.MAX_DEPTH) {
      refused = Halt.DEPTH;
    } else if (creator.balance().compareTo(value) < 0) {
      refused = Halt.INSUFFICIENT_BALANCE;
    } else if (creator.nonce() == -1) {
      refused = Halt.NONCE_OVERFLOW;
    }
    Code initCode = new Code(f.memory, from, size, null);
    Address address;
    if (op == CREATE) {
      address = ContractAddress.of(creator.address(), creator.nonce());
    } else {
      int salt = top - 12;
      address =
          ContractAddress.of(
              creator.address(),
              Hash32.of(s[salt + 3], s[salt + 2], s[salt + 1], s[salt]),
              Keccak.hash(f.memory, from, size));
    }
    if (m.tracer != null) {
      m.traceEnter(f.depth + 1, op, creator.address(), address, value, initCode.toBytes(), handed);
    }
    if (refused != null) {
      m.settle(f.depth + 1, refused, handed, handed);
      finish(f, address);
      return f;
    }
    journal.setNonce(creator, creator.nonce() + 1);
    Frame next =
        enter(m, f.depth + 1, op, journal.account(address), creator, value, initCode, handed);
    if (next == null) {
      finish(f, address);
      return f;
    }
    return next;
  }

  /// Begins a creation, of a transaction or an instruction; the creator's nonce is raised already.
  ///
  /// @return the frame to run, or `null` where the address is taken: the result is in the machine
  static Frame enter(
      Machine m,
      int depth,
      int op,
      LiveAccount account,
      LiveAccount creator,
      UInt256 value,
      Code initCode,
      long gas) {
    Journal journal = m.journal;
    if (m.rules.warmAccess()) {
      journal.warm(account);
    }
    if (account.collides()) {
      return m.settle(depth, Halt.CONTRACT_COLLISION, 0, gas);
    }
    int snapshot = journal.snapshot();
    int logs = journal.logCount();
    long refund = journal.refund();
    journal.markCreated(account);
    if (m.rules.stateClearing()) {
      journal.setNonce(account, 1);
    }
    journal.subtractBalance(creator, value);
    journal.addBalance(account, value);
    Frame next = m.frame(depth);
    next.reset(op, initCode, account, creator.address(), value, gas);
    next.input = Frame.NOTHING;
    next.inputOffset = 0;
    next.inputLength = 0;
    next.isStatic = false;
    next.snapshot = snapshot;
    next.logsBefore = logs;
    next.refundBefore = refund;
    return next;
  }

  /// Turns the output of a frame that ran to its regular end into the contract's code.
  ///
  /// @return [Halt#NONE], or why the creation fails after all
  static Halt deploy(Frame f) {
    Machine m = f.machine;
    ForkRules rules = m.rules;
    int size = f.outputLength;
    if (size > rules.maxCodeBytes()) {
      return Halt.CODE_SIZE;
    }
    if (rules.bansEfCode() && size > 0 && f.output[f.outputOffset] == (byte) 0xEF) {
      return Halt.INVALID_CODE;
    }
    long cost = (long) CODE_BYTE_GAS * size;
    if (f.gas < cost) {
      if (rules.codeDepositMustBePaid()) {
        return Halt.CODE_STORE_OUT_OF_GAS;
      }
      f.outputNothing(); // Frontier: the contract comes into being without code.
      return Halt.NONE;
    }
    f.gas -= cost;
    m.journal.setCode(f.self, f.outputBytes());
    return Halt.NONE;
  }

  /// Hands the result in the machine to the creator. Return data is kept only after a REVERT.
  static void finish(Frame creator, Address address) {
    Machine m = creator.machine;
    creator.gas += m.gasLeft;
    if (m.halt == Halt.REVERT) {
      creator.returnData = m.output;
      creator.returnOffset = m.outputOffset;
      creator.returnLength = m.outputLength;
    }
    if (m.halt == Halt.NONE) {
      Environment.pushAddress(creator.stack, creator.top, address);
    } else {
      Limbs.set(creator.stack, creator.top, 0);
    }
  }

  /// Stack: beneficiary.
  static long selfdestruct(Frame f, long[] s, int top, long gas) {
    if (f.isStatic) {
      return f.fail(Halt.STATIC_WRITE);
    }
    Machine m = f.machine;
    ForkRules rules = m.rules;
    Journal journal = m.journal;
    LiveAccount self = f.self;
    LiveAccount beneficiary = journal.account(s, top);
    if (rules.warmAccess() && !m.warm(beneficiary)) {
      gas -= COLD_ACCOUNT_GAS;
    }
    UInt256 balance = self.balance();
    if (rules.keepsSixtyFourth()
        && (rules.stateClearing()
            ? beneficiary.isEmpty() && !balance.isZero()
            : !beneficiary.exists())) {
      gas -= NEW_ACCOUNT_GAS;
    }
    if (gas < 0) {
      return gas;
    }
    if (!journal.destroyedInThisTransaction(self)) {
      journal.addRefund(rules.selfDestructRefund());
    }
    boolean destroys =
        rules.selfDestruct() == SelfDestruct.ALWAYS || journal.createdInThisTransaction(self);
    if (m.tracer != null) {
      f.gas = gas;
      m.traceSelfDestruct(f, beneficiary.address(), balance);
    }
    journal.subtractBalance(self, balance);
    journal.addBalance(beneficiary, balance);
    if (destroys) {
      journal.destroy(self);
    }
    return gas;
  }
}
