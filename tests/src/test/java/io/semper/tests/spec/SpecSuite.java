package io.semper.tests.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.compiler.Compilation;
import io.semper.core.fixtures.Fixtures;
import io.semper.node.spec.FixtureInput;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Runs the selected cases of some archives on all processors and reports counts by archive and
/// fork.
///
/// One thread unpacks and parses; cases wait in a short queue, since a case can be a chain of
/// blocks of many megabytes. When the queue is full, the reading thread waits: a case can take
/// minutes, and whoever reads must not be the one to run it while the others run out of cases.
final class SpecSuite {
  private static final int QUEUE_LENGTH = 64;
  private static final int SHOWN_FAILURES = 40;
  private static final int SHOWN_SLOWEST = 12;

  private final Selection selection = Selection.fromProperties();
  private final KnownFailures knownFailures = KnownFailures.read();
  private final Map<String, Counts> counts = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private final PriorityQueue<Slow> slowest = new PriorityQueue<>();

  /// A case and the time it took.
  private record Slow(Duration time, String id) implements Comparable<Slow> {
    @Override
    public int compareTo(Slow other) {
      return time.compareTo(other.time);
    }
  }

  private static final class Counts {
    int passed;
    int failed;
    int known;
    int skipped;
  }

  /// Reads the cases of one file, naming them after `path`.
  @FunctionalInterface
  interface CaseReader {
    void read(String path, FixtureInput in, Consumer<SpecCase> cases);
  }

  /// Runs what is selected, prints the counts, and fails where a case did.
  ///
  /// @param archives with the files wanted of each
  static void run(String name, Map<String, Predicate<String>> archives, CaseReader reader) {
    Compilation.valueOf(System.getProperty("semper.compile", "hot").toUpperCase(Locale.ROOT))
        .start();
    SpecSuite suite = new SpecSuite();
    long start = System.nanoTime();
    int threads = Runtime.getRuntime().availableProcessors();
    try (ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE_LENGTH),
            SpecSuite::waitForRoom)) {
      archives.forEach((archive, wanted) -> suite.submit(archive, wanted, reader, workers));
    }
    suite.report(name, Duration.ofNanos(System.nanoTime() - start));
    assertThat(suite.failures).as(name).isEmpty();
  }

  private static void waitForRoom(Runnable test, ThreadPoolExecutor workers) {
    try {
      workers.getQueue().put(test);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void submit(
      String archive, Predicate<String> wanted, CaseReader reader, ThreadPoolExecutor workers) {
    Fixtures.streamArchive(
        archive + ".tar.xz",
        file -> file.endsWith(".json") && wanted.test(file) && selection.file(file),
        (file, in) -> {
          try (FixtureInput input = new FixtureInput(in)) {
            reader.read(
                archive + "/" + file,
                input,
                test -> {
                  if (selection.test(test)) {
                    workers.execute(() -> execute(archive, test));
                  } else {
                    skip(archive, test);
                  }
                });
          }
        });
  }

  private void execute(String archive, SpecCase test) {
    String difference;
    long start = System.nanoTime();
    try {
      difference = test.run().call();
    } catch (Throwable bug) {
      StringWriter trace = new StringWriter();
      bug.printStackTrace(new PrintWriter(trace));
      difference = trace.toString();
    }
    record(archive, test, difference, Duration.ofNanos(System.nanoTime() - start));
  }

  private synchronized void record(
      String archive, SpecCase test, String difference, Duration time) {
    slowest.add(new Slow(time, test.id() + " [" + test.fork() + "]"));
    if (slowest.size() > SHOWN_SLOWEST) {
      slowest.remove();
    }
    Counts c = counts(archive, test);
    boolean known = knownFailures.contains(test);
    if (difference == null && !known) {
      c.passed++;
    } else if (difference != null && known) {
      c.known++;
    } else {
      c.failed++;
      String problem = difference == null ? "passes, but is a known failure" : difference;
      failures.add(test.id() + " [" + test.fork() + "]: " + problem);
    }
  }

  private synchronized void skip(String archive, SpecCase test) {
    counts(archive, test).skipped++;
  }

  private Counts counts(String archive, SpecCase test) {
    return counts.computeIfAbsent(archive + "  " + test.fork(), key -> new Counts());
  }

  private synchronized void report(String name, Duration time) {
    Counts all = new Counts();
    System.out.printf("%n%-60s %8s %6s %6s %8s%n", name, "passed", "failed", "known", "skipped");
    counts.forEach((key, c) -> {
      all.passed += c.passed;
      all.failed += c.failed;
      all.known += c.known;
      all.skipped += c.skipped;
      print(key, c);
    });
    print("total in " + time.toMillis() / 1000.0 + " s", all);
    slowest.stream()
        .sorted(Comparator.reverseOrder())
        .forEach(s -> System.out.printf("%8.1f s %s%n", s.time.toMillis() / 1000.0, s.id));
    failures.stream().limit(SHOWN_FAILURES).forEach(f -> System.out.println("FAILED " + f));
    try {
      Path folder = Files.createDirectories(Path.of("target", "spec"));
      Files.write(folder.resolve(name.replace(' ', '-') + ".failures.txt"), failures);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void print(String key, Counts c) {
    System.out.printf("%-60s %8d %6d %6d %8d%n", key, c.passed, c.failed, c.known, c.skipped);
  }
}
