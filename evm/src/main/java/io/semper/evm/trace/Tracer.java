package io.semper.evm.trace;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Log;
import io.semper.evm.Halt;

/// Watches an execution. Where none is given the interpreter does nothing on its behalf: a tracer
/// is served from the path that otherwise handles failing checks.
public interface Tracer {
  /// Whether [#step] and [#stepEnd] are wanted; without them instructions run at full speed.
  default boolean watchesSteps() {
    return true;
  }

  /// Before an instruction runs. `frame` is valid only during the call.
  default void step(Step frame, int pc, int opcode, long gas) {}

  /// After an instruction ran or failed, and for calls before the callee's first instruction.
  ///
  /// @param cost gas the instruction took, for calls including what it handed on
  /// @param halt [Halt#NONE] where execution goes on or ended regularly
  default void stepEnd(long cost, Halt halt) {}

  /// A call or creation begins, including those that end at once (precompiles, empty code).
  ///
  /// @param kind the instruction's mnemonic, CALL or CREATE for the transaction itself
  default void enter(
      int depth, String kind, Address from, Address to, UInt256 value, byte[] input, long gas) {}

  /// The call or creation last entered ends.
  default void exit(int depth, Halt halt, long gasUsed, byte[] output) {}

  /// A log is written; a frame that fails later takes it back.
  ///
  /// @param before logs the transaction has at this moment
  default void log(Log log, int before) {}

  /// What can be seen of the running frame.
  interface Step {
    /// 1 for the transaction's own frame.
    int depth();

    Address self();

    int stackSize();

    /// Word `index` of the stack, 0 being the bottom.
    UInt256 stackWord(int index);

    int memorySize();

    byte[] memory();

    /// A part of it, which must lie in it.
    byte[] memory(int offset, int length);

    byte[] returnData();

    long refund();
  }
}
