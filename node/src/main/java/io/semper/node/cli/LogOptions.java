package io.semper.node.cli;

import io.semper.node.log.LogFormat;
import io.semper.node.log.Logging;
import picocli.CommandLine.Option;

/// How to log.
final class LogOptions {
  /// As Logback orders them.
  enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  @Option(
      names = "--log-format",
      paramLabel = "text|json",
      defaultValue = "text",
      description = "Lines for people, or JSON.")
  private LogFormat format;

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "error, warn, info, debug or trace.")
  private Level level;

  void apply() {
    Logging.start(format, level.name());
  }
}
