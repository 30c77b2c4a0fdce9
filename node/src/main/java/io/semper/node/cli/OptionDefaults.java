package io.semper.node.cli;

import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Fills in options the command line leaves out: from the environment first, then from the file.
final class OptionDefaults implements IDefaultValueProvider {
  private final Map<String, String> environment;
  private final ConfigFile file;

  OptionDefaults(Map<String, String> environment, ConfigFile file) {
    this.environment = environment;
    this.file = file;
  }

  @Override
  public String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
      return null;
    }
    String name = option.longestName().replaceFirst("^-+", "");
    String value = environment.get(variable(name));
    if (value != null) {
      return value;
    }
    return file.value(ConfigFile.commandName(option.command().commandLine()), name);
  }

  /// `SEMPER_DATA_DIR` for `data-dir`.
  static String variable(String option) {
    return "SEMPER_" + option.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }
}
