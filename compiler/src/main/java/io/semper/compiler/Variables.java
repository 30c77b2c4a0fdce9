package io.semper.compiler;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.BitSet;

/// Words between local variables, the operand stack and arrays: the instructions that move them.
final class Variables {
  static final ClassDesc OUTCALLS = ClassDesc.of("io.semper.evm.machine.Outcalls");
  static final ClassDesc LONG = ConstantDescs.CD_long;
  static final ClassDesc INT = ConstantDescs.CD_int;
  static final ClassDesc VOID = ConstantDescs.CD_void;
  static final ClassDesc LONGS = LONG.arrayType();

  /// The machine's array for operands and results of called bodies.
  static final int W = 3;

  private final CodeBuilder out;
  private final BitSet busy = new BitSet();

  /// Variables below belong to someone: see [Emitter].
  private int firstFree;

  Variables(CodeBuilder out) {
    this.out = out;
  }

  /// Keeps variables below this from being given out.
  void reserve(int below) {
    firstFree = below;
  }

  /// Forgets which variables are in use.
  void release() {
    busy.clear();
  }

  /// Notes that a word's variables are in use.
  void hold(Word word) {
    for (int i = 0; i < 4; i++) {
      if (!word.limb(i).isKnown()) {
        busy.set(word.limb(i).local(), word.limb(i).local() + 2);
      }
    }
  }

  void push(Limb limb) {
    if (limb.isKnown()) {
      out.loadConstant(limb.value());
    } else {
      out.lload(limb.local());
    }
  }

  /// Moves the long on the operand stack to a free variable.
  Limb store() {
    int local = busy.nextClearBit(firstFree);
    busy.set(local, local + 2);
    out.lstore(local);
    return Limb.in(local);
  }

  void pushOr(Word word, int from) {
    boolean any = false;
    for (int i = from; i < 4; i++) {
      if (!word.limb(i).is(0)) {
        push(word.limb(i));
        if (any) {
          out.lor();
        }
        any = true;
      }
    }
    if (!any) {
      out.lconst_0();
    }
  }

  /// Stores a word to the array and index on the operand stack.
  void put(Word word) {
    push(word.l0());
    if (word.isNarrow()) {
      out.invokestatic(OUTCALLS, "put", MethodTypeDesc.of(VOID, LONGS, INT, LONG));
    } else {
      push(word.l1());
      push(word.l2());
      push(word.l3());
      out.invokestatic(
          OUTCALLS, "put", MethodTypeDesc.of(VOID, LONGS, INT, LONG, LONG, LONG, LONG));
    }
  }

  /// The word that a body left in its array.
  Word result(int at) {
    Limb[] limbs = new Limb[4];
    for (int i = 0; i < 4; i++) {
      out.aload(W).loadConstant(at + i).laload();
      limbs[i] = store();
    }
    return Word.of(limbs);
  }

  void pushAll(Word word) {
    push(word.l0());
    push(word.l1());
    push(word.l2());
    push(word.l3());
  }
}
