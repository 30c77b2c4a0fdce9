package io.semper.compiler;

import static io.semper.compiler.Variables.LONG;
import static io.semper.compiler.Variables.LONGS;
import static io.semper.compiler.Variables.OUTCALLS;
import static io.semper.compiler.Variables.VOID;

import io.semper.core.bytes.Limbs;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/// Code for arithmetic on words whose limbs may be known: what is known is computed here, and limbs
/// known to be zero cost nothing.
///
/// Methods take operands and return the result; what none of them can do cheaper than the
/// interpreter's body they return `null` for.
final class WordArithmetic {
  private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
  private static final MethodTypeDesc OF_LONG = MethodTypeDesc.of(LONG, LONG);
  private static final MethodTypeDesc OF_TWO = MethodTypeDesc.of(LONG, LONG, LONG);
  private static final MethodTypeDesc OF_THREE = MethodTypeDesc.of(LONG, LONG, LONG, LONG);
  private static final MethodTypeDesc OF_EIGHT =
      MethodTypeDesc.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG);

  private final CodeBuilder out;
  private final Variables variables;

  WordArithmetic(CodeBuilder out, Variables variables) {
    this.out = out;
    this.variables = variables;
  }

  Word sum(Word a, Word b) {
    Limb[] r = new Limb[4];
    Limb carry = Limb.ZERO;
    for (int i = 0; i < 4; i++) {
      Limb x = a.limb(i);
      Limb y = b.limb(i);
      if (x.isKnown() && y.isKnown() && carry.isKnown()) {
        long sum = x.value() + y.value() + carry.value();
        r[i] = Limb.known(sum);
        carry = Limb.known((x.value() & y.value() | (x.value() | y.value()) & ~sum) >>> 63);
      } else if (carry.is(0) && y.is(0)) {
        r[i] = x;
      } else if (carry.is(0) && x.is(0)) {
        r[i] = y;
      } else if (x.is(0) && y.is(0)) {
        r[i] = carry;
        carry = Limb.ZERO;
      } else {
        variables.push(x);
        addUnlessZero(y);
        addUnlessZero(carry);
        r[i] = variables.store();
        if (i < 3) {
          variables.push(x);
          variables.push(y);
          variables.push(r[i]);
          out.invokestatic(OUTCALLS, "carry", OF_THREE);
          carry = variables.store();
        }
      }
    }
    return Word.of(r);
  }

  private void addUnlessZero(Limb limb) {
    if (!limb.is(0)) {
      variables.push(limb);
      out.ladd();
    }
  }

  Word difference(Word a, Word b) {
    Limb[] r = new Limb[4];
    Limb borrow = Limb.ZERO;
    for (int i = 0; i < 4; i++) {
      Limb x = a.limb(i);
      Limb y = b.limb(i);
      if (x.isKnown() && y.isKnown() && borrow.isKnown()) {
        long d = x.value() - y.value() - borrow.value();
        r[i] = Limb.known(d);
        borrow = Limb.known((~x.value() & y.value() | (~x.value() | y.value()) & d) >>> 63);
      } else if (borrow.is(0) && y.is(0)) {
        r[i] = x;
      } else {
        variables.push(x);
        variables.push(y);
        out.lsub();
        if (!borrow.is(0)) {
          variables.push(borrow);
          out.lsub();
        }
        r[i] = variables.store();
        if (i < 3) {
          variables.push(x);
          variables.push(y);
          variables.push(r[i]);
          out.invokestatic(OUTCALLS, "borrow", OF_THREE);
          borrow = variables.store();
        }
      }
    }
    return Word.of(r);
  }

  Word product(Word a, Word b) {
    if (a.isKnown() && b.isKnown()) {
      long[] w = known(b, a);
      Limbs.mul(w, 4, 0, 0);
      return Word.known(w[0], w[1], w[2], w[3]);
    }
    if (a.is(0) || b.is(0)) {
      return Word.ZERO;
    }
    int power = a.isKnown() ? a.log2() : b.log2();
    if (power >= 0) {
      return shiftLeft(a.isKnown() ? b : a, power);
    }
    if (a.isNarrow() && b.isNarrow()) {
      variables.push(a.l0());
      variables.push(b.l0());
      out.lmul();
      Limb low = variables.store();
      variables.push(a.l0());
      variables.push(b.l0());
      out.invokestatic(MATH, "unsignedMultiplyHigh", OF_TWO);
      return new Word(low, variables.store(), Limb.ZERO, Limb.ZERO);
    }
    Word wide = a.isNarrow() ? b : a;
    Word other = a.isNarrow() ? a : b;
    out.aload(Variables.W);
    variables.pushAll(wide);
    if (other.isNarrow()) {
      variables.push(other.l0());
      out.invokestatic(
          OUTCALLS, "mul", MethodTypeDesc.of(VOID, LONGS, LONG, LONG, LONG, LONG, LONG));
    } else {
      variables.pushAll(other);
      out.invokestatic(
          OUTCALLS,
          "mul",
          MethodTypeDesc.of(VOID, LONGS, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG));
    }
    return variables.result(0);
  }

  private static long[] known(Word low, Word high) {
    return new long[] {
      low.l0().value(), low.l1().value(), low.l2().value(), low.l3().value(),
      high.l0().value(), high.l1().value(), high.l2().value(), high.l3().value()
    };
  }

  /// DIV and MOD.
  Word quotient(int op, Word a, Word b) {
    if (b.is(0)) {
      return Word.ZERO;
    }
    int power = b.log2();
    if (power >= 0) {
      return op == 0x04 ? shiftRight(a, power, false) : bitwise(0x16, a, lowBits(power));
    }
    if (a.isNarrow() && b.isNarrow()) {
      variables.push(a.l0());
      variables.push(b.l0());
      out.invokestatic(OUTCALLS, op == 0x04 ? "div" : "mod", OF_TWO);
      return Word.narrow(variables.store());
    }
    return null;
  }

  private static Word lowBits(int count) {
    long[] w = new long[4];
    for (int i = 0; i < 4; i++) {
      int bits = Math.clamp(count - 64L * i, 0, 64);
      w[i] = bits == 64 ? -1 : (1L << bits) - 1;
    }
    return Word.known(w[0], w[1], w[2], w[3]);
  }

  Word less(String name, Word a, Word b) {
    boolean signed = !name.equals("less");
    if (a.isKnown() && b.isKnown()) {
      long[] w = known(b, a);
      int order = signed ? Limbs.compareSigned(w, 4, 0) : Limbs.compare(w, 4, 0);
      return Word.known(order < 0 ? 1 : 0, 0, 0, 0);
    }
    if (a.isNarrow() && b.isNarrow()) {
      variables.push(a.l0());
      variables.push(b.l0());
      out.invokestatic(OUTCALLS, "less", OF_TWO);
    } else {
      variables.pushAll(a);
      variables.pushAll(b);
      out.invokestatic(OUTCALLS, name, OF_EIGHT);
    }
    return Word.narrow(variables.store());
  }

  Word equal(Word a, Word b) {
    if (a.isKnown() && b.isKnown()) {
      return Word.known(a.equals(b) ? 1 : 0, 0, 0, 0);
    }
    boolean any = false;
    for (int i = 0; i < 4; i++) {
      Limb x = a.limb(i);
      Limb y = b.limb(i);
      if (x.equals(y)) {
        continue;
      }
      if (y.is(0)) {
        variables.push(x);
      } else if (x.is(0)) {
        variables.push(y);
      } else {
        variables.push(x);
        variables.push(y);
        out.lxor();
      }
      if (any) {
        out.lor();
      }
      any = true;
    }
    if (!any) {
      return Word.known(1, 0, 0, 0);
    }
    out.invokestatic(OUTCALLS, "isZero", OF_LONG);
    return Word.narrow(variables.store());
  }

  Word bitwise(int op, Word a, Word b) {
    Limb[] r = new Limb[4];
    for (int i = 0; i < 4; i++) {
      Limb x = a.limb(i);
      Limb y = b.limb(i);
      if (x.isKnown()) {
        Limb other = x;
        x = y;
        y = other;
      }
      if (x.isKnown()) {
        long u = x.value();
        long v = y.value();
        r[i] = Limb.known(op == 0x16 ? u & v : op == 0x17 ? u | v : u ^ v);
      } else if (op == 0x16 && y.is(0)) {
        r[i] = Limb.ZERO;
      } else if (op == 0x17 && y.is(-1)) {
        r[i] = y;
      } else if (y.is(op == 0x16 ? -1 : 0)) {
        r[i] = x;
      } else {
        variables.push(x);
        variables.push(y);
        switch (op) {
          case 0x16 -> out.land();
          case 0x17 -> out.lor();
          default -> out.lxor();
        }
        r[i] = variables.store();
      }
    }
    return Word.of(r);
  }

  Word shift(int op, Word by, Word a) {
    if (!by.isKnown()) {
      return null;
    }
    boolean all = !by.isNarrow() || Long.compareUnsigned(by.l0().value(), 256) >= 0;
    if (op == 0x1D) {
      return shiftRight(a, all ? 255 : (int) by.l0().value(), true);
    }
    if (all) {
      return Word.ZERO;
    }
    int bits = (int) by.l0().value();
    return op == 0x1B ? shiftLeft(a, bits) : shiftRight(a, bits, false);
  }

  private Word shiftLeft(Word a, int by) {
    Limb[] r = new Limb[4];
    int limbs = by >>> 6;
    int bits = by & 63;
    for (int i = 0; i < 4; i++) {
      Limb high = i >= limbs ? a.limb(i - limbs) : Limb.ZERO;
      Limb low = i > limbs ? a.limb(i - limbs - 1) : Limb.ZERO;
      r[i] = bits == 0 ? high : merge(high, bits, low, 64 - bits);
    }
    return Word.of(r);
  }

  /// `high << left | low >>> right`
  private Limb merge(Limb high, int left, Limb low, int right) {
    if (high.isKnown() && low.isKnown()) {
      return Limb.known(high.value() << left | low.value() >>> right);
    }
    if (!high.is(0)) {
      variables.push(high);
      out.loadConstant(left).lshl();
    }
    if (!low.is(0)) {
      variables.push(low);
      out.loadConstant(right).lushr();
      if (!high.is(0)) {
        out.lor();
      }
    }
    return variables.store();
  }

  private Word shiftRight(Word a, int by, boolean signed) {
    Limb[] r = new Limb[4];
    int limbs = by >>> 6;
    int bits = by & 63;
    Limb fill = Limb.ZERO;
    if (signed && by != 0 && !a.l3().is(0)) {
      variables.push(a.l3());
      out.loadConstant(63).lshr();
      fill = variables.store();
    }
    for (int i = 0; i < 4; i++) {
      Limb low = i + limbs < 4 ? a.limb(i + limbs) : fill;
      Limb high = i + limbs < 3 ? a.limb(i + limbs + 1) : fill;
      r[i] = bits == 0 ? low : merge(high, 64 - bits, low, bits);
    }
    return Word.of(r);
  }
}
