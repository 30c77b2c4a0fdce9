package io.semper.compiler;

/// 64 bits of a word while code is generated: a local variable, or a known value.
///
/// @param local index of the variable, -1 for a known value
record Limb(int local, long value) {
  static final Limb ZERO = new Limb(-1, 0);

  static Limb known(long value) {
    return value == 0 ? ZERO : new Limb(-1, value);
  }

  static Limb in(int local) {
    return new Limb(local, 0);
  }

  boolean isKnown() {
    return local < 0;
  }

  boolean is(long known) {
    return local < 0 && value == known;
  }
}
