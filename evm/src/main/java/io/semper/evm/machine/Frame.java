package io.semper.evm.machine;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.UInt256;
import io.semper.evm.Halt;
import io.semper.evm.state.Code;
import io.semper.evm.state.LiveAccount;
import io.semper.evm.trace.Tracer;
import java.util.Arrays;

/// One level of a call: code, stack, memory, and what is needed to go on with the caller.
///
/// Frames are kept by depth and used again. Input and return data are windows on the memory of the
/// caller and callee, which cannot change while they are looked at: a caller rests while its callee
/// runs, and a callee's memory is reused only at the caller's next call, which drops its return
/// data first.
final class Frame implements Tracer.Step {
  static final byte[] NOTHING = {};

  private static final int FIRST_MEMORY = 1024;

  Machine machine;

  /// Depth below the transaction's own frame.
  final int depth;

  /// Words of four limbs, bottom first.
  final long[] stack = new long[4 * GasTable.STACK_LIMIT];

  Code code;
  LiveAccount self;
  Address caller;
  UInt256 value;
  byte[] input;
  int inputOffset;
  int inputLength;
  boolean isStatic;

  /// The instruction's opcode that began this frame.
  int kind;

  int pc;

  /// Offset of the top word, -4 for an empty stack.
  int top;

  long gas;
  long gasAtStart;

  byte[] memory = new byte[FIRST_MEMORY];

  /// Bytes of memory in use, a multiple of 32.
  int memorySize;

  /// Return data of the last call.
  byte[] returnData;

  int returnOffset;
  int returnLength;

  /// Where the caller wants this frame's output.
  int outputAt;

  int outputRoom;

  /// What this frame gives back, set when it ends.
  byte[] output;

  int outputOffset;
  int outputLength;

  /// Why the instruction just run failed, where that is not want of gas.
  Halt failure;

  int snapshot;
  int logsBefore;
  long refundBefore;

  Frame(int depth) {
    this.depth = depth;
  }

  void reset(int kind, Code code, LiveAccount self, Address caller, UInt256 value, long gas) {
    this.kind = kind;
    this.code = code;
    this.self = self;
    this.caller = caller;
    this.value = value;
    this.gas = gas;
    gasAtStart = gas;
    pc = 0;
    top = -4;
    memorySize = 0;
    failure = null;
    clearReturnData();
    outputNothing();
  }

  /// Holds on to nothing but its stack, and to its memory where that has at most so many bytes.
  void release(int maxMemory) {
    machine = null;
    code = null;
    self = null;
    caller = null;
    value = null;
    input = NOTHING;
    clearReturnData();
    outputNothing();
    if (memory.length > Math.max(maxMemory, FIRST_MEMORY)) {
      memory = new byte[FIRST_MEMORY];
    }
  }

  boolean creates() {
    return kind == Creates.CREATE || kind == Creates.CREATE2;
  }

  void clearReturnData() {
    returnData = NOTHING;
    returnOffset = 0;
    returnLength = 0;
  }

  void outputNothing() {
    output = NOTHING;
    outputOffset = 0;
    outputLength = 0;
  }

  byte[] outputBytes() {
    return Arrays.copyOfRange(output, outputOffset, outputOffset + outputLength);
  }

  /// Ends the instruction with a failure other than want of gas: negative gas means failure.
  long fail(Halt why) {
    failure = why;
    return -1;
  }

  Halt whyFailed() {
    return failure != null ? failure : Halt.OUT_OF_GAS;
  }

  @Override
  public int depth() {
    return depth + 1;
  }

  @Override
  public Address self() {
    return self.address();
  }

  @Override
  public int stackSize() {
    return (top + 4) / 4;
  }

  @Override
  public UInt256 stackWord(int index) {
    int at = 4 * index;
    return UInt256.of(stack[at], stack[at + 1], stack[at + 2], stack[at + 3]);
  }

  @Override
  public int memorySize() {
    return memorySize;
  }

  @Override
  public byte[] memory() {
    return Arrays.copyOf(memory, memorySize);
  }

  @Override
  public byte[] memory(int offset, int length) {
    return Arrays.copyOfRange(memory, offset, offset + length);
  }

  @Override
  public byte[] returnData() {
    return Arrays.copyOfRange(returnData, returnOffset, returnOffset + returnLength);
  }

  @Override
  public long refund() {
    return machine.journal.refund();
  }
}
