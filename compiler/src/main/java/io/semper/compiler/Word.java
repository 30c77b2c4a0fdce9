package io.semper.compiler;

/// A stack word while code is generated, limb 0 the least significant.
record Word(Limb l0, Limb l1, Limb l2, Limb l3) {
  static final Word ZERO = narrow(Limb.ZERO);

  static Word known(long l0, long l1, long l2, long l3) {
    return new Word(Limb.known(l0), Limb.known(l1), Limb.known(l2), Limb.known(l3));
  }

  /// A word of one limb.
  static Word narrow(Limb limb) {
    return new Word(limb, Limb.ZERO, Limb.ZERO, Limb.ZERO);
  }

  /// The word in four local variables of two places each.
  static Word in(int local) {
    return new Word(Limb.in(local), Limb.in(local + 2), Limb.in(local + 4), Limb.in(local + 6));
  }

  static Word of(Limb[] limbs) {
    return new Word(limbs[0], limbs[1], limbs[2], limbs[3]);
  }

  Limb limb(int i) {
    return switch (i) {
      case 0 -> l0;
      case 1 -> l1;
      case 2 -> l2;
      default -> l3;
    };
  }

  boolean isKnown() {
    return l0.isKnown() && l1.isKnown() && l2.isKnown() && l3.isKnown();
  }

  /// Whether it is known to fit 64 bits.
  boolean isNarrow() {
    return l1.is(0) && l2.is(0) && l3.is(0);
  }

  /// Whether it is known to be this number.
  boolean is(long number) {
    return isNarrow() && l0.is(number);
  }

  /// The exponent where this is a known power of two, else -1.
  int log2() {
    if (!isKnown()) {
      return -1;
    }
    int found = -1;
    for (int i = 0; i < 4; i++) {
      long limb = limb(i).value();
      if (limb != 0) {
        if (found >= 0 || Long.bitCount(limb) != 1) {
          return -1;
        }
        found = 64 * i + Long.numberOfTrailingZeros(limb);
      }
    }
    return found;
  }
}
