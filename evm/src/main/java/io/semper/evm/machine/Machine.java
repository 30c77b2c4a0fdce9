package io.semper.evm.machine;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Limbs;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.ContractAddress;
import io.semper.evm.BlockEnv;
import io.semper.evm.Halt;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.precompile.Precompile;
import io.semper.evm.precompile.Precompiles;
import io.semper.evm.state.Code;
import io.semper.evm.state.Journal;
import io.semper.evm.state.LiveAccount;
import io.semper.evm.trace.Tracer;
import java.util.Arrays;
import java.util.List;

/// An execution of calls and creations with all nested ones, for one transaction after the other.
///
/// Its frames, by depth, are used again and again. Not safe for use by several threads, except for
/// [#cancel].
public final class Machine {
  /// Jumps and frames between two looks at [#cancelled].
  private static final int POLL_INTERVAL = 1_000;

  final Journal journal;
  final BlockEnv env;
  final ForkRules rules;
  final Tracer tracer;
  final long[] table;
  final long[] scratch = new long[Limbs.SCRATCH];

  /// Operands and results of instructions that translated code leaves to others.
  final long[] words = new long[24];

  private int exits; // from regions, until the next poll

  final byte[] wordBuffer = new byte[32];

  /// `null` where everything is interpreted.
  private final Translator translator;

  private final PrecompileSet precompiles;

  /// Taken with the first frame of a call from outside, given back at its end.
  private Frame[] frames;

  private int framesUsed;

  Address origin;
  UInt256 gasPrice;
  List<Hash32> blobHashes = List.of();

  /// Set by another thread to end the execution soon; read now and then.
  volatile boolean cancelled;

  // The result of the call or creation that ended last.
  Halt halt;
  long gasLeft;
  byte[] output;
  int outputOffset;
  int outputLength;

  // The traced instruction whose end was not reported yet.
  private boolean stepOpen;
  private long gasAtStep;

  /// @param tracer `null` for none
  public Machine(Journal journal, BlockEnv env, ForkRules rules, Tracer tracer) {
    this(journal, env, rules, tracer, address -> Precompiles.at(rules.fork(), address));
  }

  /// @param precompiles where precompiled contracts are, if not where the fork has them
  public Machine(
      Journal journal, BlockEnv env, ForkRules rules, Tracer tracer, PrecompileSet precompiles) {
    this.precompiles = precompiles;
    this.journal = journal;
    this.env = env;
    this.rules = rules;
    this.tracer = tracer;
    translator = tracer == null ? Regions.translator : null;
    table =
        tracer == null || !tracer.watchesSteps()
            ? rules.gasTable().checked()
            : rules.gasTable().traced();
  }

  public Journal journal() {
    return journal;
  }

  public BlockEnv env() {
    return env;
  }

  public ForkRules rules() {
    return rules;
  }

  /// Where precompiled contracts are.
  @FunctionalInterface
  public interface PrecompileSet {
    /// `null` where there is none.
    Precompile at(Address address);
  }

  /// How a transaction's own call or creation ended.
  ///
  /// @param output return or revert data, or the deployed code
  public record Result(Halt halt, long gasLeft, byte[] output) {}

  /// What the next transaction's contracts see of it.
  public void begin(Address origin, UInt256 gasPrice, List<Hash32> blobHashes) {
    this.origin = origin;
    this.gasPrice = gasPrice;
    this.blobHashes = blobHashes;
  }

  /// Calls an account as a transaction does, with the code it has or delegates to.
  public Result call(Address caller, Address to, UInt256 value, byte[] input, long gas) {
    LiveAccount target = journal.account(to);
    Code code = journal.code(target);
    if (rules.delegation() && code.delegate() != null) {
      Address delegate = code.delegate();
      code = isPrecompile(delegate) ? Code.EMPTY : journal.code(journal.account(delegate));
    }
    Frame frame =
        Calls.enter(
            this,
            0,
            Calls.CALL,
            target,
            code,
            target,
            caller,
            value,
            input,
            0,
            input.length,
            false,
            gas);
    return run(frame);
  }

  /// Creates a contract as a transaction does.
  ///
  /// @param nonce the creator's nonce before it was raised for this
  public Result create(Address creator, long nonce, UInt256 value, byte[] initCode, long gas) {
    LiveAccount account = journal.account(ContractAddress.of(creator, nonce));
    if (tracer != null) {
      traceEnter(0, Creates.CREATE, creator, account.address(), value, initCode, gas);
    }
    Code code = new Code(initCode, null);
    Frame frame =
        Creates.enter(this, 0, Creates.CREATE, account, journal.account(creator), value, code, gas);
    return run(frame);
  }

  private Result run(Frame frame) {
    if (frame != null) {
      Interpreter.run(this, frame);
    }
    byte[] out = Arrays.copyOfRange(output, outputOffset, outputOffset + outputLength);
    output = Frame.NOTHING; // it may lie in the memory of a frame
    if (frames != null) {
      FramePool.give(frames, framesUsed);
      frames = null;
      framesUsed = 0;
    }
    return new Result(halt, gasLeft, out);
  }

  /// Ends the execution with [Halt#TIMEOUT] within some thousand jumps. From any thread.
  public void cancel() {
    cancelled = true;
  }

  public boolean isPrecompile(Address address) {
    return precompile(address) != null;
  }

  Precompile precompile(Address address) {
    return precompiles.at(address);
  }

  /// Makes an account warm; true where it was before, as the fork's precompiles are wherever they
  /// have gone.
  boolean warm(LiveAccount account) {
    return Precompiles.at(rules.fork(), account.address()) != null || journal.warm(account);
  }

  /// What is translated of a frame's code, or `null`.
  Regions regions(Code code) {
    return translator == null ? null : Regions.of(code, rules);
  }

  /// Told by the interpreter where it is, every so many jumps and frames.
  ///
  /// @return how many until next time
  int poll(Code code, int pc) {
    if (translator == null) {
      return POLL_INTERVAL;
    }
    translator.seen(code, rules, pc);
    return translator.interval();
  }

  /// Told where control leaves a region, which no jump of the interpreter tells of.
  void countExit(Code code, int pc) {
    if (--exits < 0) {
      exits = poll(code, pc);
    }
  }

  Frame frame(int depth) {
    if (frames == null) {
      frames = FramePool.take();
    }
    Frame frame = frames[depth];
    if (frame == null) {
      frame = new Frame(depth);
      frames[depth] = frame;
    }
    frame.machine = this;
    framesUsed = Math.max(framesUsed, depth + 1);
    return frame;
  }

  /// Records the result of a call that ran no frame. Returns `null`: no frame to go on with.
  Frame settle(int depth, Halt why, long gasLeft, long gasGiven) {
    return settle(depth, why, gasLeft, gasGiven, Frame.NOTHING);
  }

  Frame settle(int depth, Halt why, long gasLeft, long gasGiven, byte[] output) {
    halt = why;
    this.gasLeft = gasLeft;
    this.output = output;
    outputOffset = 0;
    outputLength = output.length;
    if (tracer != null) {
      tracer.exit(depth, why, gasGiven - gasLeft, output);
    }
    return null;
  }

  /// Ends a frame: takes back what a failed one did and passes its result to the frame above.
  ///
  /// @return the frame to go on with, or `null` where the transaction's own frame ended
  Frame end(Frame f, Halt why) {
    closeStep(why == Halt.REVERT ? Halt.NONE : why, f.gas);
    if (why == Halt.NONE && f.creates()) {
      why = Creates.deploy(f);
    }
    // Code that could not be deployed is shown, though the caller does not get it.
    byte[] shown = tracer == null ? null : f.outputBytes();
    if (why != Halt.NONE) {
      journal.revert(f.snapshot, f.logsBefore, f.refundBefore);
      if (why != Halt.REVERT) {
        f.gas = 0;
        f.outputNothing();
      }
    }
    halt = why;
    gasLeft = f.gas;
    output = f.output;
    outputOffset = f.outputOffset;
    outputLength = f.outputLength;
    if (tracer != null) {
      tracer.exit(f.depth, why, f.gasAtStart - f.gas, shown);
    }
    if (f.depth == 0) {
      return null;
    }
    Frame above = frames[f.depth - 1];
    if (f.creates()) {
      Creates.finish(above, f.self.address());
    } else {
      Calls.finish(above, f.outputAt, f.outputRoom);
    }
    return above;
  }

  // ---- The slow path: an instruction whose bounds do not hold, or that is traced

  /// Decides whether the instruction about to run can, and shows it to the tracer.
  ///
  /// @param gas what is left after the instruction's base gas
  /// @return [Halt#NONE] to go on
  Halt check(Frame f, int opcode, int pc, int top, long gas) {
    long bounds = rules.gasTable().checked()[opcode];
    long before = gas + GasTable.gas(bounds);
    if (before < 0) {
      // The instruction before this one could not be paid for or failed otherwise.
      f.gas = before;
      return f.whyFailed();
    }
    Halt verdict = Halt.NONE;
    if (!rules.gasTable().isDefined(opcode)) {
      verdict = Halt.INVALID_OPCODE;
    } else if (top < GasTable.lowest(bounds)) {
      verdict = Halt.STACK_UNDERFLOW;
    } else if (top > GasTable.highest(bounds)) {
      verdict = Halt.STACK_OVERFLOW;
    } else if (gas < 0) {
      verdict = Halt.OUT_OF_GAS;
    }
    if (tracer != null) {
      closeStep(Halt.NONE, before);
      f.top = top;
      tracer.step(f, pc, opcode, before);
      stepOpen = true;
      gasAtStep = before;
    }
    f.gas = gas;
    return verdict;
  }

  /// Reports the end of the traced instruction.
  private void closeStep(Halt why, long gasAfter) {
    if (stepOpen) {
      stepOpen = false;
      tracer.stepEnd(gasAtStep - gasAfter, why);
    }
  }

  void traceEnter(
      int depth, int op, Address from, Address to, UInt256 value, byte[] input, long gas) {
    if (depth > 0) {
      Frame caller = frames[depth - 1];
      boolean creates = op == Creates.CREATE || op == Creates.CREATE2;
      closeStep(Halt.NONE, creates ? caller.gas + gas : caller.gas);
    }
    tracer.enter(depth, OpTable.name(op), from, to, value, input, gas);
  }

  void traceSelfDestruct(Frame f, Address beneficiary, UInt256 balance) {
    closeStep(Halt.NONE, f.gas);
    tracer.enter(
        f.depth + 1, "SELFDESTRUCT", f.self.address(), beneficiary, balance, Frame.NOTHING, 0);
    tracer.exit(f.depth + 1, Halt.NONE, 0, Frame.NOTHING);
  }
}
