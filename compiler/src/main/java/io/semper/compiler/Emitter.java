package io.semper.compiler;

import static io.semper.compiler.Variables.INT;
import static io.semper.compiler.Variables.LONG;
import static io.semper.compiler.Variables.LONGS;
import static io.semper.compiler.Variables.OUTCALLS;
import static io.semper.compiler.Variables.VOID;

import io.semper.compiler.Block.Edge;
import io.semper.compiler.Outcall.Result;
import io.semper.core.bytes.BigEndian;
import io.semper.evm.fork.ForkRules;
import io.semper.evm.machine.GasTable;
import io.semper.evm.state.Code;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/// Writes the body of a region's method.
///
/// A word of the stack is four local variables or known values. Along a path that nothing joins,
/// words stay where they came to be; moving them about costs nothing. Where control comes together
/// every slot has variables of its own, its *home*. Homes of words from before the region are
/// loaded where it is entered; where it is left, words that changed go back to the frame's stack.
///
/// Base gas is summed while code is generated and taken where it can be observed: before an
/// instruction that reads or charges gas, at joins and at exits; growing memory, which is rare,
/// borrows it. Since a frame that runs out of gas leaves nothing behind, nobody can tell that
/// instructions in between ran first.
final class Emitter {
  private static final String PACKAGE = "io.semper.evm.machine.";
  private static final ClassDesc FRAME = ClassDesc.of(PACKAGE + "Frame");
  private static final ClassDesc MACHINE = ClassDesc.of(PACKAGE + "Machine");
  static final ClassDesc HALT = ClassDesc.of("io.semper.evm.Halt");

  static final MethodTypeDesc RUN = MethodTypeDesc.of(HALT, FRAME);
  private static final MethodTypeDesc BODY = MethodTypeDesc.of(VOID, FRAME, LONGS);
  private static final MethodTypeDesc METERED = MethodTypeDesc.of(LONG, FRAME, LONGS, LONG);
  private static final MethodTypeDesc END = MethodTypeDesc.of(HALT, FRAME);

  // Local variables: the frame (0 is the region itself), its stack, the machine's words, the offset
  // of the top word where the region was entered, gas.
  private static final int F = 1;
  private static final int S = 2;
  private static final int W = Variables.W;
  private static final int TOP = 4;
  private static final int GAS = 5;
  private static final int FIRST_FREE = 7;
  private static final int WORD_SIZE = 8;

  private final CodeBuilder out;
  private final Graph graph;
  private final Code code;
  private final byte[] bytes;
  private final GasTable gasTable;
  private final ForkRules rules;

  private final Variables variables;
  private final WordArithmetic arithmetic;

  private final int[] homes = new int[Graph.MAX_DEPTH + Graph.MAX_GROWTH + 1];

  private final Map<Block, Label> joins = new HashMap<>();
  private final ArrayDeque<Block> openJoins = new ArrayDeque<>();
  private final ArrayDeque<Pending> pending = new ArrayDeque<>();
  private final Label fail;

  // The path that is being written.
  private Word[] stack;
  private int height;
  private long owed;
  private Facts facts;

  /// A branch to write later, from the state before it.
  private record Pending(Label at, Edge edge, Word[] stack, int height, long owed, Facts facts) {}

  Emitter(CodeBuilder out, Graph graph, Code code, ForkRules rules) {
    this.out = out;
    this.graph = graph;
    this.code = code;
    this.bytes = code.padded();
    this.rules = rules;
    this.gasTable = rules.gasTable();
    variables = new Variables(out);
    arithmetic = new WordArithmetic(out, variables);
    fail = out.newLabel();
  }

  /// Whether an instruction can be part of a region; others are left to the interpreter.
  static boolean translates(int op) {
    return switch (op) {
      case 0x00, 0xF3, 0xFD, 0x01, 0x02, 0x03, 0x04, 0x06, 0x16, 0x17, 0x18, 0x19 -> true;
      case 0x38, 0x50, 0x51, 0x52, 0x53, 0x56, 0x57, 0x58, 0x5A, 0x5B -> true;
      default -> op >= 0x10 && op <= 0x15 || op >= 0x5F && op <= 0x9F || Outcall.of(op) != null;
    };
  }

  void emit() {
    out.aload(F).getfield(FRAME, "stack", LONGS).astore(S);
    out.aload(F).getfield(FRAME, "top", INT).istore(TOP);
    out.aload(F).getfield(FRAME, "gas", LONG).lstore(GAS);
    out.aload(F).getfield(FRAME, "machine", MACHINE).getfield(MACHINE, "words", LONGS).astore(W);
    giveHomes();
    loadHomes();
    join(graph.first());
    while (!openJoins.isEmpty()) {
      startJoin(openJoins.poll());
      while (!pending.isEmpty()) {
        Pending branch = pending.poll();
        out.labelBinding(branch.at());
        stack = branch.stack();
        height = branch.height();
        owed = branch.owed();
        facts = branch.facts();
        follow(branch.edge());
      }
    }
    out.labelBinding(fail);
    out.aload(F).invokestatic(OUTCALLS, "fail", END).areturn();
  }

  // ---- Homes

  private void giveHomes() {
    int free = FIRST_FREE;
    int highest = 0;
    for (Block block : graph.blocks) {
      if (block.isJoin()) {
        highest = Math.max(highest, block.height);
      }
    }
    for (int place = 0; place < homes.length; place++) {
      int slot = place - Graph.MAX_DEPTH;
      boolean needed =
          slot < 0 ? graph.read.get(place) || graph.written.get(place) : slot < highest;
      if (needed) {
        homes[place] = free;
        free += WORD_SIZE;
      }
    }
    variables.reserve(free);
  }

  private void loadHomes() {
    for (int slot = -Graph.MAX_DEPTH; slot < 0; slot++) {
      int home = homes[slot + Graph.MAX_DEPTH];
      if (home != 0) {
        for (int i = 0; i < 4; i++) {
          if (slot >= -graph.depth()) {
            out.aload(S).iload(TOP).loadConstant(4 * (slot + 1) + i).iadd().laload();
          } else {
            out.lconst_0();
          }
          out.lstore(home + 2 * i);
        }
      }
    }
  }

  private Word home(int slot) {
    int local = homes[slot + Graph.MAX_DEPTH];
    return local == 0 ? null : Word.in(local);
  }

  // ---- Control

  private Label join(Block block) {
    return joins.computeIfAbsent(
        block,
        b -> {
          openJoins.add(b);
          return out.newLabel();
        });
  }

  private void startJoin(Block block) {
    out.labelBinding(joins.get(block));
    stack = new Word[homes.length];
    height = block.height;
    owed = 0;
    facts = Facts.NONE;
    for (int slot = -Graph.MAX_DEPTH; slot < height; slot++) {
      Integer destination = block.destinations.get(slot);
      stack[slot + Graph.MAX_DEPTH] =
          destination == null ? home(slot) : Word.known(destination, 0, 0, 0);
    }
    Label goOn = out.newLabel();
    out.lload(GAS).lconst_0().lcmp().iflt(fail);
    out.aload(F)
        .invokestatic(OUTCALLS, "isCancelled", MethodTypeDesc.of(ConstantDescs.CD_boolean, FRAME));
    out.ifeq(goOn);
    out.aload(F).invokestatic(OUTCALLS, "timeout", END).areturn();
    out.labelBinding(goOn);
    write(block);
  }

  /// Writes a block and what follows it alone.
  private void write(Block block) {
    while (true) {
      int pc = block.pc;
      for (; pc != block.end; pc += length(pc)) {
        instruction(bytes[pc] & 0xFF, pc);
      }
      switch (block.how) {
        case LEAVE -> {
          leave(pc, Graph.ALL_LIVE);
          return;
        }
        case JUMP_ANYWHERE -> {
          leave("jump", pc, Graph.ALL_LIVE);
          return;
        }
        case HALT -> {
          halt(bytes[pc] & 0xFF);
          return;
        }
        case JUMP -> {
          owed += gasTable.gas(0x56);
          pop();
        }
        case BRANCH -> {
          owed += gasTable.gas(0x57);
          pop();
          Word condition = pop();
          if (condition.isKnown()) {
            if (condition.is(0)) {
              break;
            }
            Block on = followOrEnter(block.taken);
            if (on == null) {
              return;
            }
            block = on;
            continue;
          }
          Label taken = out.newLabel();
          variables.pushOr(condition, 0);
          out.lconst_0().lcmp().ifne(taken);
          pending.push(new Pending(taken, block.taken, stack.clone(), height, owed, facts));
        }
        case FALL -> {}
      }
      block = followOrEnter(block.how == Block.End.JUMP ? block.taken : block.next);
      if (block == null) {
        return;
      }
    }
  }

  private void follow(Edge edge) {
    Block block = followOrEnter(edge);
    if (block != null) {
      write(block);
    }
  }

  /// The block that an edge leads to alone; else goes where it leads and returns `null`.
  private Block followOrEnter(Edge edge) {
    Block block = edge.block();
    if (block == null) {
      leave(edge.pc(), edge.live());
      return null;
    }
    if (!block.isJoin()) {
      return block;
    }
    settle();
    moveHome(block);
    out.goto_(join(block));
    return null;
  }

  /// Brings every word to where the join expects it, all at once.
  private void moveHome(Block block) {
    int[] moved = new int[height + Graph.MAX_DEPTH];
    int count = 0;
    for (int place = 0; place < moved.length; place++) {
      int slot = place - Graph.MAX_DEPTH;
      Word home = home(slot);
      if (home != null && !block.destinations.containsKey(slot) && !home.equals(stack[place])) {
        moved[count++] = place;
        for (int i = 0; i < 4; i++) {
          variables.push(stack[place].limb(i));
        }
      }
    }
    while (--count >= 0) {
      for (int i = 3; i >= 0; i--) {
        out.lstore(homes[moved[count]] + 2 * i);
      }
    }
  }

  private void leave(int pc, int live) {
    leave("leave", pc, live);
  }

  private void leave(String how, int pc, int live) {
    settle();
    int lowest =
        live == Graph.ALL_LIVE ? -Graph.MAX_DEPTH : Math.max(-Graph.MAX_DEPTH, height - live);
    for (int slot = lowest; slot < height; slot++) {
      int place = slot + Graph.MAX_DEPTH;
      Word word = stack[place];
      boolean unchanged =
          slot < 0 && !graph.written.get(place) && (word == null || word.equals(home(slot)));
      if (!unchanged) {
        out.aload(S).iload(TOP).loadConstant(4 * (slot + 1)).iadd();
        variables.put(word);
      }
    }
    out.aload(F).loadConstant(pc).iload(TOP).loadConstant(4 * height).iadd().lload(GAS);
    out.invokestatic(OUTCALLS, how, MethodTypeDesc.of(HALT, FRAME, INT, INT, LONG)).areturn();
  }

  private void halt(int op) {
    owed += gasTable.gas(op);
    if (op == 0x00) {
      out.aload(F);
      pushGas();
      out.invokestatic(OUTCALLS, "stop", MethodTypeDesc.of(HALT, FRAME, LONG)).areturn();
      return;
    }
    operands(2);
    out.aload(F).aload(W);
    pushGas();
    out.invokestatic(
            OUTCALLS, op == 0xF3 ? "output" : "revert", MethodTypeDesc.of(HALT, FRAME, LONGS, LONG))
        .areturn();
  }

  // ---- Gas

  private void pushGas() {
    out.lload(GAS);
    if (owed != 0) {
      out.loadConstant(owed).lsub();
    }
  }

  /// Takes the gas that instructions since the last time cost.
  private void settle() {
    if (owed != 0) {
      pushGas();
      out.lstore(GAS);
      owed = 0;
    }
  }

  /// Keeps the gas on the operand stack, from which nothing is owed any more.
  private void storeGas() {
    owed = 0;
    failIfOut();
  }

  /// Keeps the gas on the operand stack; the frame fails where it is negative.
  private void failIfOut() {
    out.dup2().lstore(GAS).lconst_0().lcmp().iflt(fail);
  }

  // ---- Instructions

  private int length(int pc) {
    int op = bytes[pc] & 0xFF;
    return op >= 0x60 && op <= 0x7F ? op - 0x5E : 1;
  }

  private Word pop() {
    return stack[--height + Graph.MAX_DEPTH];
  }

  private void push(Word word) {
    stack[height++ + Graph.MAX_DEPTH] = word;
  }

  private void instruction(int op, int pc) {
    owed += gasTable.gas(op);
    int top = height - 1 + Graph.MAX_DEPTH;
    if (op >= 0x80 && op <= 0x8F) {
      push(stack[top - (op - 0x80)]);
    } else if (op >= 0x90 && op <= 0x9F) {
      Word word = stack[top];
      stack[top] = stack[top - (op - 0x8F)];
      stack[top - (op - 0x8F)] = word;
    } else if (op >= 0x5F && op <= 0x7F) {
      push(operand(pc, op - 0x5F));
    } else if (op == 0x50) {
      height--;
    } else if (op != 0x5B) {
      holdStack();
      compute(op, pc);
    }
  }

  private Word operand(int pc, int length) {
    byte[] word = new byte[32];
    System.arraycopy(bytes, pc + 1, word, 32 - length, length);
    return Word.known(
        BigEndian.getLong(word, 24),
        BigEndian.getLong(word, 16),
        BigEndian.getLong(word, 8),
        BigEndian.getLong(word, 0));
  }

  private void compute(int op, int pc) {
    switch (op) {
      case 0x01 -> push(arithmetic.sum(pop(), pop()));
      case 0x02 -> push(arithmetic.product(pop(), pop()));
      case 0x03 -> push(arithmetic.difference(pop(), pop()));
      case 0x04, 0x06 -> divide(op);
      case 0x10 -> push(arithmetic.less("less", pop(), pop()));
      case 0x11 -> {
        Word a = pop();
        push(arithmetic.less("less", pop(), a));
      }
      case 0x12 -> push(arithmetic.less("lessSigned", pop(), pop()));
      case 0x13 -> {
        Word a = pop();
        push(arithmetic.less("lessSigned", pop(), a));
      }
      case 0x14 -> push(arithmetic.equal(pop(), pop()));
      case 0x15 -> push(arithmetic.equal(pop(), Word.ZERO));
      case 0x16, 0x17, 0x18 -> push(arithmetic.bitwise(op, pop(), pop()));
      case 0x19 -> push(arithmetic.bitwise(0x18, pop(), Word.known(-1, -1, -1, -1)));
      case 0x1B, 0x1C, 0x1D -> shift(op);
      case 0x38 -> push(Word.known(code.length(), 0, 0, 0));
      case 0x51 -> mload();
      case 0x52 -> mstore();
      case 0x53 -> mstore8();
      case 0x58 -> push(Word.known(pc, 0, 0, 0));
      case 0x5A -> {
        pushGas();
        push(Word.narrow(variables.store()));
      }
      default -> call(Outcall.of(op));
    }
  }

  /// Divides once for DIV and MOD of the same words.
  private void divide(int op) {
    Word a = pop();
    Word b = pop();
    Word cheap = arithmetic.quotient(op, a, b);
    if (cheap != null) {
      push(cheap);
      return;
    }
    Facts.Division division = facts.division(a, b);
    if (division == null) {
      height += 2; // both are still there
      operands(2);
      out.aload(F).aload(W).invokestatic(OUTCALLS, "divmod", BODY);
      division = new Facts.Division(a, b, variables.result(0), variables.result(4));
      facts = facts.with(division);
    }
    push(op == 0x04 ? division.quotient() : division.remainder());
  }

  private void shift(int op) {
    Word by = pop();
    Word result = arithmetic.shift(op, by, pop());
    if (result != null) {
      push(result);
    } else {
      height += 2; // both are still there
      call(Outcall.of(op));
    }
  }

  /// Calls a body on the words on top of the stack.
  private void call(Outcall call) {
    operands(call.operands());
    out.aload(F);
    if (call.result() == Result.LIMB) {
      out.invokestatic(OUTCALLS, call.name(), MethodTypeDesc.of(LONG, FRAME));
      push(Word.narrow(variables.store()));
      return;
    }
    out.aload(W);
    if (call.metered()) {
      pushGas();
      out.invokestatic(OUTCALLS, call.name(), METERED);
      storeGas();
    } else {
      out.invokestatic(OUTCALLS, call.name(), BODY);
    }
    if (call.result() == Result.WORD) {
      push(variables.result(0));
    }
  }

  /// Puts the top words where bodies look for them.
  private void operands(int count) {
    for (int i = count - 1; i >= 0; i--) {
      out.aload(W).loadConstant(4 * i);
      variables.put(pop());
    }
  }

  /// Notes which variables hold words of the stack, the operands about to be popped among them, and
  /// words that something is known of.
  private void holdStack() {
    variables.release();
    for (int place = 0; place < height + Graph.MAX_DEPTH; place++) {
      if (stack[place] != null) {
        variables.hold(stack[place]);
      }
    }
    facts.hold(variables);
  }

  // ---- Memory

  /// Grows memory to where an instruction reads or writes. The branch is here and not in a method
  /// that all regions share: where memory never grows, Java's compiler leaves out that it might.
  private void reach(Word offset, int length) {
    if (facts.reaches(offset, length)) {
      return;
    }
    facts = facts.withReached(offset, length);
    Label within = out.newLabel();
    pushReach(offset, length);
    out.invokestatic(OUTCALLS, "room", MethodTypeDesc.of(LONG, FRAME, LONG, LONG, INT));
    out.lconst_0().lcmp().ifge(within);
    pushReach(offset, length);
    pushGas();
    out.invokestatic(OUTCALLS, "grow", MethodTypeDesc.of(LONG, FRAME, LONG, LONG, INT, LONG));
    failIfOut();
    if (owed != 0) {
      out.lload(GAS).loadConstant(owed).ladd().lstore(GAS); // owed still, as beside this path
    }
    out.labelBinding(within);
  }

  private void pushReach(Word offset, int length) {
    out.aload(F);
    variables.push(offset.l0());
    variables.pushOr(offset, 1);
    out.loadConstant(length);
  }

  private void pushOffset(Word offset, int plus) {
    if (offset.l0().isKnown()) {
      out.loadConstant((int) offset.l0().value() + plus);
      return;
    }
    variables.push(offset.l0());
    out.l2i();
    if (plus != 0) {
      out.loadConstant(plus).iadd();
    }
  }

  private void mload() {
    Word offset = pop();
    reach(offset, 32);
    Limb[] limbs = new Limb[4];
    for (int i = 0; i < 4; i++) {
      out.aload(F);
      pushOffset(offset, 24 - 8 * i);
      out.invokestatic(OUTCALLS, "load", MethodTypeDesc.of(LONG, FRAME, INT));
      limbs[i] = variables.store();
    }
    push(Word.of(limbs));
  }

  private void mstore() {
    Word offset = pop();
    Word value = pop();
    reach(offset, 32);
    out.aload(F);
    pushOffset(offset, 0);
    variables.pushAll(value);
    out.invokestatic(
        OUTCALLS, "store", MethodTypeDesc.of(VOID, FRAME, INT, LONG, LONG, LONG, LONG));
  }

  private void mstore8() {
    Word offset = pop();
    Word value = pop();
    reach(offset, 1);
    out.aload(F);
    pushOffset(offset, 0);
    variables.push(value.l0());
    out.invokestatic(OUTCALLS, "store", MethodTypeDesc.of(VOID, FRAME, INT, LONG));
  }
}
