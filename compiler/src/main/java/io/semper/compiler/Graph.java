package io.semper.compiler;

import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.OpTable;
import io.semper.evm.state.Code;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/// The blocks that a region is made of, nearest to its start first, and what they do to the stack.
///
/// Slots of the stack are numbered from the region's start: -1 is the top word there, 0 the first
/// one pushed. Nothing here depends on how often code runs; all bounds hold for any bytes.
final class Graph {
  /// Blocks of one region.
  static final int MAX_BLOCKS = 300;

  /// Instructions of one block; of all blocks together by [#MAX_COST].
  static final int MAX_BLOCK_LENGTH = 600;

  /// Estimated bytes of generated code, below HotSpot's limit of 8,000 for compiling a method.
  static final int MAX_COST = 6_500;

  /// Blocks with the same first instruction, which differ by what is on the stack.
  private static final int MAX_COPIES = 24;

  /// How far below its start a region may reach into the stack, and how far above it may grow.
  static final int MAX_DEPTH = 48;

  static final int MAX_GROWTH = 80;

  private static final int WINDOW = MAX_DEPTH + MAX_GROWTH + 1;
  private static final int BLOCK_COST = 30;
  private static final int INSTRUCTION_COST = 40;

  /// Jumps followed to find out whether code ends soon.
  private static final int MAX_HOPS = 4;

  static final int ALL_LIVE = Integer.MAX_VALUE;

  private final Code code;
  private final byte[] bytes;
  private final ForkRules rules;
  private final IntPredicate worth;
  private final int maxCost;
  private final Map<String, Block> byKey = new HashMap<>();
  private final Map<Integer, Integer> copies = new HashMap<>();
  private final ArrayDeque<Block> open = new ArrayDeque<>();

  final List<Block> blocks = new ArrayList<>();

  /// Slots, plus [#MAX_DEPTH], that blocks read, and those that they change.
  final BitSet read = new BitSet();

  final BitSet written = new BitSet();

  /// Most words above the region's start.
  int growth;

  /// Where blocks would go on if `worth` had said so.
  final BitSet leftOut = new BitSet();

  /// Instructions of all blocks.
  int instructions;

  private int cost;

  // The stack while a block is read: 0 for a word not known, a jump destination plus 1, or
  // -1 - place for the word that was there when the block began.
  private final int[] stack = new int[WINDOW];
  private int height;

  private Graph(Code code, ForkRules rules, IntPredicate worth, int maxCost) {
    this.code = code;
    this.bytes = code.padded();
    this.rules = rules;
    this.worth = worth;
    this.maxCost = maxCost;
  }

  /// Explores from an instruction on.
  ///
  /// @param worth whether a jump's destination, or what follows a branch, is worth translating
  static Graph from(Code code, ForkRules rules, int pc, IntPredicate worth, int maxCost) {
    Graph graph = new Graph(code, rules, worth, maxCost);
    Block first = new Block(pc, 0, Map.of());
    first.entries = 2; // where the region is entered, words lie where everyone expects them
    graph.byKey.put(key(pc, 0, Map.of()), first);
    graph.open.add(first);
    while (!graph.open.isEmpty()) {
      Block block = graph.open.poll();
      graph.blocks.add(block);
      graph.explore(block);
    }
    return graph;
  }

  Block first() {
    return blocks.getFirst();
  }

  /// Words that must be on the stack where the region begins.
  int depth() {
    int lowest = read.nextSetBit(0);
    return lowest < 0 || lowest >= MAX_DEPTH ? 0 : MAX_DEPTH - lowest;
  }

  private static String key(int pc, int height, Map<Integer, Integer> destinations) {
    return pc + " " + height + " " + destinations;
  }

  private void explore(Block block) {
    if (cost >= maxCost) {
      block.end = block.pc; // there is no room left: only an exit
      return;
    }
    height = block.height;
    for (int place = 0; place < WINDOW; place++) {
      stack[place] = -1 - place;
    }
    block.destinations.forEach((slot, pc) -> stack[slot + MAX_DEPTH] = pc + 1);
    cost += BLOCK_COST;
    walk(block);
    for (int place = 0; place < height + MAX_DEPTH; place++) {
      Integer known = block.destinations.get(place - MAX_DEPTH);
      int before = known == null ? -1 - place : known + 1;
      if (stack[place] != before) {
        written.set(place);
      }
    }
  }

  private void walk(Block block) {
    int pc = block.pc;
    for (int n = 0; ; n++) {
      int op = bytes[pc] & 0xFF;
      block.end = pc;
      if (n > 0 && op == 0x5B) {
        block.how = Block.End.FALL;
        block.next = edge(pc, true);
        return;
      }
      if (n == MAX_BLOCK_LENGTH || !rules.gasTable().isDefined(op) || !Emitter.translates(op)) {
        return;
      }
      OpTable.Row row = OpTable.row(op);
      if (height - row.in() < -MAX_DEPTH || height - row.in() + row.out() > MAX_GROWTH) {
        return;
      }
      for (int i = 1; i <= row.in(); i++) {
        read.set(height - i + MAX_DEPTH);
      }
      if (op == 0x56 || op == 0x57) {
        jump(block, pc, op);
        return;
      }
      instructions++;
      if (op == 0x00 || op == 0xF3 || op == 0xFD) {
        block.how = Block.End.HALT;
        cost += INSTRUCTION_COST;
        return;
      }
      step(op, row, pc);
      pc += op >= 0x60 && op <= 0x7F ? op - 0x5E : 1;
    }
  }

  private void step(int op, OpTable.Row row, int pc) {
    int top = height - 1 + MAX_DEPTH;
    if (op >= 0x80 && op <= 0x8F) {
      stack[top + 1] = stack[top - (op - 0x80)];
      height++;
    } else if (op >= 0x90 && op <= 0x9F) {
      int other = top - (op - 0x8F);
      int word = stack[top];
      stack[top] = stack[other];
      stack[other] = word;
    } else if (op >= 0x5F && op <= 0x7F) {
      stack[top + 1] = destination(pc, op - 0x5F) + 1;
      height++;
    } else {
      height += row.out() - row.in();
      for (int i = 1; i <= row.out(); i++) {
        stack[height - i + MAX_DEPTH] = 0;
      }
      cost += op == 0x50 || op == 0x5B ? 0 : INSTRUCTION_COST;
    }
    growth = Math.max(growth, height);
  }

  /// The operand of a PUSH where it is a jump destination, else -1.
  private int destination(int pc, int length) {
    long value = 0;
    for (int i = 1; i <= length; i++) {
      if (value >>> 40 != 0) {
        return -1;
      }
      value = value << 8 | bytes[pc + i] & 0xFF;
    }
    return isDestination(value) ? (int) value : -1;
  }

  private boolean isDestination(long pc) {
    return pc < code.length() && code.isJumpDestination((int) pc);
  }

  private void jump(Block block, int pc, int op) {
    int to = stack[height - 1 + MAX_DEPTH] - 1;
    if (to < 0 && op == 0x57) {
      return;
    }
    instructions++;
    cost += INSTRUCTION_COST;
    if (to < 0) {
      block.how = Block.End.JUMP_ANYWHERE;
      return;
    }
    height -= op == 0x56 ? 1 : 2;
    block.how = op == 0x56 ? Block.End.JUMP : Block.End.BRANCH;
    if (op == 0x57) {
      block.next = edge(pc + 1, worth.test(pc + 1));
    }
    block.taken = edge(to, worth.test(to));
  }

  private Block.Edge edge(int pc, boolean worth) {
    int live = live(pc);
    Map<Integer, Integer> known = new TreeMap<>();
    for (int place = 0; place < height + MAX_DEPTH; place++) {
      if (stack[place] > 0) {
        known.put(place - MAX_DEPTH, stack[place] - 1);
      }
    }
    Block block = null;
    boolean goesOn = live == ALL_LIVE || !failsSoon(pc);
    if (goesOn && !worth) {
      leftOut.set(pc);
    } else if (goesOn) {
      String key = key(pc, height, known);
      block = byKey.get(key);
      if (block == null && hasRoom(pc)) {
        block = new Block(pc, height, known);
        byKey.put(key, block);
        open.add(block);
      }
    }
    if (block != null) {
      block.entries++;
    }
    return new Block.Edge(pc, block, live);
  }

  private boolean hasRoom(int pc) {
    return cost < maxCost
        && byKey.size() < MAX_BLOCKS
        && copies.merge(pc, 1, Integer::sum) <= MAX_COPIES;
  }

  // ---- Code that ends soon, whatever else is on the stack

  /// Words of the stack that code from `pc` to the end of its frame can read, [#ALL_LIVE] where it
  /// branches.
  private int live(int pc) {
    int depth = 0;
    int here = 0;
    for (int hops = 0, n = 0; hops <= MAX_HOPS && n < MAX_BLOCK_LENGTH; n++) {
      int op = bytes[pc] & 0xFF;
      if (!rules.gasTable().isDefined(op)) {
        return depth;
      }
      OpTable.Row row = OpTable.row(op);
      depth = Math.max(depth, row.in() - here);
      here += row.out() - row.in();
      if (op == 0x00 || op == 0xF3 || op == 0xFD || op == 0xFF) {
        return depth;
      }
      if (op == 0x56 || op == 0x57) {
        return ALL_LIVE;
      }
      int length = op >= 0x60 && op <= 0x7F ? op - 0x5F : 0;
      int after = pc + length + 1;
      if (length > 0 && (bytes[after] & 0xFF) == 0x56) {
        pc = destination(pc, length);
        here--;
        hops++;
        if (pc < 0) {
          return ALL_LIVE;
        }
      } else {
        pc = after;
      }
    }
    return ALL_LIVE;
  }

  /// Whether code for which [#live] found an end ends in failure: not worth translating.
  private boolean failsSoon(int pc) {
    while (true) {
      int op = bytes[pc] & 0xFF;
      if (!rules.gasTable().isDefined(op) || op == 0xFD) {
        return true;
      }
      if (op == 0x00 || op == 0xF3 || op == 0xFF) {
        return false;
      }
      int length = op >= 0x60 && op <= 0x7F ? op - 0x5F : 0;
      int after = pc + length + 1;
      pc = length > 0 && (bytes[after] & 0xFF) == 0x56 ? destination(pc, length) : after;
    }
  }
}
