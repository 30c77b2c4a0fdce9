package io.semper.compiler;

import java.util.Map;

/// Instructions that run one after the other, at one height of the stack.
///
/// The same instructions reached at another height, or with other return addresses on the stack,
/// are another block: that is what makes the jumps at the end of a contract's internal functions
/// known.
final class Block {
  /// How a block ends.
  enum End {
    /// Goes on with [#next] without an instruction of its own.
    FALL,
    /// A JUMP to [#taken].
    JUMP,
    /// The JUMP at [#end], to where only the stack says.
    JUMP_ANYWHERE,
    /// A JUMPI to [#taken] or [#next].
    BRANCH,
    /// The frame ends with the instruction at [#end].
    HALT,
    /// The instruction at [#end] is left to the interpreter.
    LEAVE
  }

  /// Where control goes.
  ///
  /// @param block `null` where the region ends
  /// @param live words of the stack that matter there, from the top
  record Edge(int pc, Block block, int live) {}

  final int pc;

  /// Words on the stack above the region's start, negative for below.
  final int height;

  /// Slots of the stack that hold known jump destinations.
  final Map<Integer, Integer> destinations;

  End how = End.LEAVE;
  int end;
  Edge next;
  Edge taken;

  /// Edges that lead here.
  int entries;

  Block(int pc, int height, Map<Integer, Integer> destinations) {
    this.pc = pc;
    this.height = height;
    this.destinations = destinations;
  }

  /// Whether control comes together here, so that words must lie where everyone expects them.
  boolean isJoin() {
    return entries > 1;
  }
}
