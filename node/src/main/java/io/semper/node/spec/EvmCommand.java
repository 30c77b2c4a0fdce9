package io.semper.node.spec;

import io.semper.compiler.Compilation;
import io.semper.core.bytes.Hash32;
import io.semper.evm.trace.Eip3155Tracer;
import io.semper.node.Version;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// `evm statetest`, `evm blocktest` and `evm t8n`: options and output are go-ethereum's, so that
/// tools which drive its `evm` drive this one too.
@Command(
    name = "evm",
    description = "Run state tests, blockchain tests and transitions as go-ethereum's evm does.",
    versionProvider = EvmCommand.VersionLine.class,
    subcommands = {
      EvmCommand.StateTests.class,
      EvmCommand.BlockTests.class,
      TransitionCommand.class
    })
public final class EvmCommand implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int TRACE_BUFFER_BYTES = 1 << 16;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-v", "--version"},
      versionHelp = true,
      description = "Print the version.")
  private boolean version;

  @Option(
      names = {"--json"},
      scope = ScopeType.INHERIT,
      description = "Write EIP-3155 trace lines to standard error.")
  private boolean json;

  @Option(names = "--trace", scope = ScopeType.INHERIT, description = "The same as --json.")
  private boolean trace;

  @Option(
      names = "--trace.format",
      scope = ScopeType.INHERIT,
      defaultValue = "json",
      description = "Form of the trace: json.")
  private String format;

  @Option(
      names = {"--trace.nomemory", "--nomemory"},
      scope = ScopeType.INHERIT,
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Leave memory out of the trace.")
  private boolean noMemory;

  @Option(
      names = {"--trace.noreturndata", "--noreturndata"},
      scope = ScopeType.INHERIT,
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Leave return data out of the trace.")
  private boolean noReturnData;

  @Option(
      names = {"--trace.nostack", "--nostack"},
      scope = ScopeType.INHERIT,
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description = "Leave the stack out of the trace.")
  private boolean noStack;

  @Option(
      names = {"--trace.nostorage", "--nostorage"},
      scope = ScopeType.INHERIT,
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description = "Accepted; traces hold no storage.")
  private boolean noStorage;

  @Option(
      names = "--compile",
      scope = ScopeType.INHERIT,
      paramLabel = "off|hot|always",
      defaultValue = "HOT",
      description = "Which contracts to translate to machine code (default: those that run often).")
  private Compilation compilation;

  @Override
  public Integer call() {
    spec.commandLine().usage(System.err);
    return FAILED;
  }

  /// In the form by which tools that look for go-ethereum's `evm` know it.
  static final class VersionLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"evm version " + Version.number() + "-semper"};
    }
  }

  boolean traces() {
    return json || trace;
  }

  boolean withStack() {
    return !noStack;
  }

  /// `null` where no trace is wanted.
  private Eip3155Tracer tracer(PrintStream err) {
    return traces() ? new Eip3155Tracer(err, !noMemory, !noStack, !noReturnData) : null;
  }

  /// What runs the tests of one file.
  @FunctionalInterface
  private interface FileRun {
    List<RunReport.Result> run(FixtureInput in);
  }

  /// Runs the files and reports them together; without any, reads their names from standard input
  /// and reports each at once.
  private int run(List<Path> paths, boolean human, FileRun run) {
    PrintStream out = System.out;
    compilation.start();
    try {
      if (!paths.isEmpty()) {
        List<RunReport.Result> results = new ArrayList<>();
        for (Path path : paths) {
          for (Path file : files(path)) {
            results.addAll(run(file, run));
          }
        }
        report(results, human, out);
        return 0;
      }
      BufferedReader names =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String name = names.readLine();
          name != null && !name.isEmpty();
          name = names.readLine()) {
        report(run(Path.of(name), run), human, out);
      }
      return 0;
    } catch (IOException | MalformedFixtureException e) {
      String problem = e instanceof IOException ? "cannot read " : "";
      System.err.println(problem + e.getMessage());
      return FAILED;
    }
  }

  private static List<RunReport.Result> run(Path file, FileRun run) throws IOException {
    try (InputStream bytes = new BufferedInputStream(Files.newInputStream(file));
        FixtureInput in = new FixtureInput(bytes)) {
      return run.run(in);
    } catch (MalformedFixtureException e) {
      throw new MalformedFixtureException(
          "unable to read test file " + file + ": " + e.getMessage(), e);
    }
  }

  private static void report(List<RunReport.Result> results, boolean human, PrintStream out) {
    out.print(human ? RunReport.text(results) : RunReport.json(results));
    out.flush();
  }

  /// A file itself, or the `.json` files below a folder, each folder in the order of its names.
  private static List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> all = Files.walk(path)) {
      return all.filter(file -> file.toString().endsWith(".json") && Files.isRegularFile(file))
          .sorted(Comparator.naturalOrder())
          .toList();
    }
  }

  /// `evm statetest`.
  @Command(name = "statetest", description = "Run state tests.")
  static final class StateTests implements Callable<Integer> {
    @ParentCommand private EvmCommand evm;

    @Parameters(paramLabel = "FILE|FOLDER", arity = "0..*")
    private List<Path> paths = new ArrayList<>();

    @Option(names = "--run", defaultValue = ".*", description = "Only tests whose name matches.")
    private Pattern name;

    @Option(names = "--statetest.fork", description = "Only this fork.")
    private String fork;

    @Option(
        names = "--statetest.index",
        defaultValue = "-1",
        description = "Only the expectation at this place among all of a test.")
    private int index;

    @Option(names = "--human", description = "Print lines for people.")
    private boolean human;

    @Override
    public Integer call() {
      return evm.run(paths, human, this::run);
    }

    private List<RunReport.Result> run(FixtureInput in) {
      List<RunReport.Result> results = new ArrayList<>();
      StateTest.readAll(
          in,
          test -> {
            if (name.matcher(test.name()).find()) {
              run(test, results);
            }
          });
      return results;
    }

    private void run(StateTest test, List<RunReport.Result> results) {
      for (int i = 0; i < test.expectations().size(); i++) {
        StateTest.Expectation expected = test.expectations().get(i);
        if ((index != -1 && index != i) || (fork != null && !fork.equals(expected.fork()))) {
          continue;
        }
        PrintStream err = buffered(System.err);
        StateTestRun.Outcome outcome = StateTestRun.run(test, expected, evm.tracer(err));
        if (outcome.stateRoot() != null) {
          err.print("{\"stateRoot\": \"" + outcome.stateRoot() + "\"}\n");
        }
        err.flush();
        results.add(
            new RunReport.Result(
                test.name(), outcome.stateRoot(), expected.fork(), outcome.difference()));
      }
    }
  }

  /// `evm blocktest`.
  @Command(name = "blocktest", description = "Run blockchain tests.")
  static final class BlockTests implements Callable<Integer> {
    @ParentCommand private EvmCommand evm;

    @Parameters(paramLabel = "FILE|FOLDER", arity = "0..*")
    private List<Path> paths = new ArrayList<>();

    @Option(names = "--run", defaultValue = ".*", description = "Only tests whose name matches.")
    private Pattern name;

    @Option(names = "--human", description = "Print lines for people.")
    private boolean human;

    @Override
    public Integer call() {
      return evm.run(paths, human, this::run);
    }

    private List<RunReport.Result> run(FixtureInput in) {
      List<RunReport.Result> results = new ArrayList<>();
      BlockTest.readAll(
          in,
          test -> {
            if (name.matcher(test.name()).find()) {
              PrintStream err = buffered(System.err);
              BlockTestRun.Outcome outcome = BlockTestRun.run(test, evm.tracer(err));
              err.flush();
              Hash32 root = outcome.passed() ? outcome.stateRoot() : null;
              results.add(
                  new RunReport.Result(
                      test.name(), root, test.networkName(), outcome.difference()));
            }
          });
      results.sort(Comparator.comparing(RunReport.Result::name));
      return results;
    }
  }

  private static PrintStream buffered(PrintStream stream) {
    return new PrintStream(
        new BufferedOutputStream(stream, TRACE_BUFFER_BYTES), false, StandardCharsets.UTF_8);
  }
}
