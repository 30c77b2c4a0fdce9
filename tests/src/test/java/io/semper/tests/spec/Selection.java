package io.semper.tests.spec;

import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Which cases to run: see the package for the properties.
///
/// A sample is drawn in two steps, files first, so that most files of a small sample need not even
/// be parsed. Whether a case is drawn depends on its name and the seed alone.
record Selection(double share, long seed, Predicate<String> filter, String fork) {
  private static final String SMALL_SHARE = "0.002";

  static Selection fromProperties() {
    String filter = System.getProperty("semper.filter", "");
    String fork = System.getProperty("semper.fork", "");
    String share = filter.isEmpty() && fork.isEmpty() ? SMALL_SHARE : "1";
    return new Selection(
        Double.parseDouble(System.getProperty("semper.sample", share)),
        Long.getLong("semper.seed", 1),
        Pattern.compile(filter).asPredicate(),
        fork);
  }

  /// Whether a file's cases are looked at.
  boolean file(String path) {
    return drawn(path);
  }

  /// Whether a case of such a file is run.
  boolean test(SpecCase test) {
    return drawn(test.id() + test.fork())
        && (fork.isEmpty() || fork.equals(test.fork()))
        && filter.test(test.id());
  }

  private boolean drawn(String name) {
    long h = seed * 0x9E3779B97F4A7C15L;
    for (int i = 0; i < name.length(); i++) {
      h = (h ^ name.charAt(i)) * 0x100000001B3L;
    }
    h = (h ^ h >>> 32) * 0xD6E8FEB86659FD93L;
    h ^= h >>> 32;
    // Half of the choice is made by file, half by case within it.
    return (h >>> 11) * 0x1.0p-53 < Math.sqrt(share);
  }
}
