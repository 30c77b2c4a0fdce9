package io.semper.compiler;

import java.util.ArrayList;
import java.util.List;

/// What is known on a path that nothing joins, so that it need not be found again.
///
/// The words named here hold as long as their variables are held: see [#hold].
///
/// @param reachedBelow memory before this offset has been reached
/// @param reached offsets at which memory has been reached over a word, the latest last
/// @param division the last of words whose quotient and remainder are known, or `null`
record Facts(long reachedBelow, List<Word> reached, Division division) {
  static final Facts NONE = new Facts(0, List.of(), null);

  /// Every offset that is kept takes up to four variables.
  static final int MAX_REACHED = 4;

  /// DIV and MOD of the same two words.
  record Division(Word dividend, Word divisor, Word quotient, Word remainder) {}

  /// Whether memory is known to reach over `length` bytes, at most a word, at an offset.
  boolean reaches(Word offset, int length) {
    return isEarly(offset)
        ? offset.l0().value() + length <= reachedBelow
        : reached.contains(offset);
  }

  Facts withReached(Word offset, int length) {
    if (isEarly(offset)) {
      long below = Math.max(reachedBelow, offset.l0().value() + length);
      return new Facts(below, reached, division);
    }
    if (length < 32) {
      return this;
    }
    List<Word> latest = new ArrayList<>(reached);
    if (latest.size() == MAX_REACHED) {
      latest.removeFirst();
    }
    latest.add(offset);
    return new Facts(reachedBelow, List.copyOf(latest), division);
  }

  private static boolean isEarly(Word offset) {
    return offset.isKnown() && offset.isNarrow() && offset.l0().value() >>> 32 == 0;
  }

  /// What division of the two is known, or `null`.
  Division division(Word dividend, Word divisor) {
    return division != null
            && division.dividend.equals(dividend)
            && division.divisor.equals(divisor)
        ? division
        : null;
  }

  Facts with(Division latest) {
    return new Facts(reachedBelow, reached, latest);
  }

  /// Keeps the variables of what is known from being given out.
  void hold(Variables variables) {
    reached.forEach(variables::hold);
    if (division != null) {
      variables.hold(division.dividend);
      variables.hold(division.divisor);
      variables.hold(division.quotient);
      variables.hold(division.remainder);
    }
  }
}
