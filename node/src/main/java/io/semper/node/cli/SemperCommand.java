package io.semper.node.cli;

import io.semper.chain.db.StorageException;
import io.semper.genesis.MalformedGenesisException;
import io.semper.node.spec.EvmCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/// The root of all commands.
///
/// Exit codes: 0 done, 1 the command failed (the message says why), 2 it was not understood.
@Command(
    name = "semper",
    description = "Semper, an Ethereum-compatible full node.",
    versionProvider = VersionCommand.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Every option can also be given as an environment variable (--data-dir as",
      "SEMPER_DATA_DIR) or in the file named by --config, in TOML (data-dir = \"...\",",
      "at the top for all commands or under [node] for one).",
    })
public final class SemperCommand implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(SemperCommand.class);

  private static final List<Class<?>> COMMANDS =
      List.of(
          DevCommand.class,
          NodeCommand.class,
          LightCommand.class,
          NetworkCommand.class,
          DemoCommand.class,
          ImportCommand.class,
          ExportCommand.class,
          DbCommand.class,
          AccountCommand.class,
          EvmCommand.class,
          VersionCommand.class,
          CompletionCommand.class);

  static final int FAILED = 1;
  static final int NOT_UNDERSTOOD = 2;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      scope = ScopeType.INHERIT,
      description = "Read options from this TOML file.")
  private String config;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show the options of this command.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  private boolean version;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// Runs a command line and returns its exit code.
  public static int run(String... args) {
    return run(commandLine(args), args, System.getenv());
  }

  static int run(CommandLine line, String[] args, Map<String, String> environment) {
    try {
      ConfigFile file = ConfigFile.named(args, environment);
      file.checkKeys();
      line.setDefaultValueProvider(new OptionDefaults(environment, file));
    } catch (ConfigFile.Refused e) {
      line.getErr().println("semper: " + e.getMessage());
      return NOT_UNDERSTOOD;
    }
    return line.execute(args);
  }

  /// All commands, or where `args` begin with the name of one, that alone: to describe the others
  /// took a third of the time in which a development chain starts.
  static CommandLine commandLine(String... args) {
    CommandLine line = new CommandLine(new SemperCommand());
    Optional<Class<?>> named =
        COMMANDS.stream()
            .filter(command -> args.length > 0 && isNamed(command, args[0]))
            .findFirst();
    named.map(List::<Class<?>>of).orElse(COMMANDS).forEach(line::addSubcommand);
    line.setParameterExceptionHandler(SemperCommand::explain);
    line.setExecutionExceptionHandler(SemperCommand::report);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUsageHelpAutoWidth(true);
    return line;
  }

  private static boolean isNamed(Class<?> command, String name) {
    return command.getAnnotation(Command.class).name().equals(name);
  }

  private static int explain(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("semper: " + e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched && unmatched.isUnknownOption()) {
      String unknown = unmatched.getUnmatched().getFirst().split("=", 2)[0];
      Set<String> known = line.getCommandSpec().optionsMap().keySet();
      Nearest.to(unknown, known).ifPresent(name -> err.println("Did you mean " + name + "?"));
    } else {
      UnmatchedArgumentException.printSuggestions(e, err);
    }
    String name = line.getCommandSpec().qualifiedName();
    err.println("Try '" + name + " --help'.");
    return NOT_UNDERSTOOD;
  }

  /// What an operator can mend is told in a line; anything else is a bug and shows its trace.
  private static int report(Exception e, CommandLine line, ParseResult parsed) {
    switch (e) {
      case Failure f -> line.getErr().println("semper: " + f.getMessage());
      case StorageException s -> line.getErr().println("semper: " + s.getMessage());
      case IllegalStateException stopped when stopped.getCause() instanceof StorageException s ->
          line.getErr().println("semper: " + s.getMessage());
      case MalformedGenesisException m -> line.getErr().println("semper: " + m.getMessage());
      case IOException io -> line.getErr().println("semper: " + describe(io));
      default -> LOG.error("{} failed", line.getCommandSpec().qualifiedName(), e);
    }
    return FAILED;
  }

  private static String describe(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "no such file: " + missing.getFile();
      case AccessDeniedException denied -> "no permission for " + denied.getFile();
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }

  /// All commands below `line`, itself included.
  static List<CommandLine> withSubcommands(CommandLine line) {
    return Stream.concat(
            Stream.of(line),
            line.getSubcommands().values().stream().flatMap(sub -> withSubcommands(sub).stream()))
        .toList();
  }

  static String completionScript() {
    return AutoComplete.bash("semper", commandLine());
  }
}
