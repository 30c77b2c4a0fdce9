package io.semper.tests.spec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The cases of `known-failures.txt`.
record KnownFailures(List<Pattern> patterns) {

  static KnownFailures read() {
    List<Pattern> patterns = new ArrayList<>();
    try (InputStream in = KnownFailures.class.getResourceAsStream("known-failures.txt")) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          int reason = line.indexOf("  ");
          if (reason < 0) {
            throw new IllegalArgumentException("known failure without a reason: " + line);
          }
          patterns.add(Pattern.compile(line.substring(0, reason)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new KnownFailures(patterns);
  }

  boolean contains(SpecCase test) {
    String name = test.id() + "::" + test.fork();
    return patterns.stream().anyMatch(p -> p.matcher(name).matches());
  }
}
