package io.semper.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// The TOML file of options: at its top those of all commands, in a table named after a command
/// (`[node]`, `["db stats"]`) those of that one.
final class ConfigFile {
  static final int MAX_BYTES = 1 << 20;

  private static final String OPTION = "--config";
  private static final String VARIABLE = "SEMPER_CONFIG";
  private static final ConfigFile NONE = new ConfigFile("", JsonNodeFactory.instance.objectNode());

  private final String name;
  private final JsonNode root;

  /// Why a file is not taken.
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private ConfigFile(String name, JsonNode root) {
    this.name = name;
    this.root = root;
  }

  /// The file that `--config` or SEMPER_CONFIG names. It is looked for before the command line is
  /// parsed, because it fills in what the command line leaves out.
  static ConfigFile named(String[] args, Map<String, String> environment) throws Refused {
    String file = environment.get(VARIABLE);
    for (int i = 0; i < args.length; i++) {
      if (args[i].startsWith(OPTION + "=")) {
        file = args[i].substring(OPTION.length() + 1);
      } else if (args[i].equals(OPTION) && i + 1 < args.length) {
        file = args[i + 1];
      }
    }
    return file == null ? NONE : read(Path.of(file));
  }

  static ConfigFile read(Path file) throws Refused {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new Refused(file + ": more than " + MAX_BYTES + " bytes");
      }
      return new ConfigFile(file.toString(), new TomlMapper().readTree(file.toFile()));
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
      throw new Refused(file + where + ": " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new Refused("cannot read configuration file " + e.getMessage());
    }
  }

  /// The value for an option of a command, `null` where the file has none.
  ///
  /// @param command such as `node` or `db stats`
  String value(String command, String option) {
    JsonNode own = root.path(command).path(option);
    JsonNode value = own.isMissingNode() ? root.path(option) : own;
    if (value.isArray()) {
      List<String> items = new ArrayList<>();
      value.forEach(item -> items.add(item.asText()));
      return String.join(",", items);
    }
    return value.isValueNode() ? value.asText() : null;
  }

  /// Refuses keys that no option has, naming the nearest that exists.
  void checkKeys() throws Refused {
    if (root.isEmpty()) {
      return;
    }
    CommandLine semper = SemperCommand.commandLine();
    Set<String> everyOption = new TreeSet<>();
    Set<String> commands = new TreeSet<>();
    for (CommandLine line : SemperCommand.withSubcommands(semper)) {
      everyOption.addAll(optionNames(line));
      commands.add(commandName(line));
    }
    commands.remove("");
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      if (!entry.getValue().isObject()) {
        check(entry.getKey(), everyOption, "option");
        continue;
      }
      check(entry.getKey(), commands, "command");
      for (CommandLine line : SemperCommand.withSubcommands(semper)) {
        if (commandName(line).equals(entry.getKey())) {
          Set<String> own = optionNames(line);
          for (Map.Entry<String, JsonNode> option : entry.getValue().properties()) {
            check(option.getKey(), own, "option of '" + entry.getKey() + "'");
          }
        }
      }
    }
  }

  private void check(String key, Set<String> known, String kind) throws Refused {
    if (!known.contains(key)) {
      String meant = Nearest.to(key, known).map(n -> "; did you mean '" + n + "'?").orElse("");
      throw new Refused(name + ": unknown " + kind + " '" + key + "'" + meant);
    }
  }

  private static Set<String> optionNames(CommandLine line) {
    Set<String> names = new TreeSet<>();
    for (OptionSpec option : line.getCommandSpec().options()) {
      names.add(option.longestName().replaceFirst("^-+", ""));
    }
    return names;
  }

  /// `db stats` for `semper db stats`; empty for `semper` itself.
  static String commandName(CommandLine line) {
    String qualified = line.getCommandSpec().qualifiedName();
    int end = qualified.indexOf(' ');
    return end < 0 ? "" : qualified.substring(end + 1);
  }
}
