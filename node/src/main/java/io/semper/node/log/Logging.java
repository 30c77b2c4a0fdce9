package io.semper.node.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import org.slf4j.LoggerFactory;

/// Sets Logback up in code: no configuration file to find and parse at every start.
public final class Logging {
  private static final String TERMINAL_PROPERTY = "semper.terminal";

  private static volatile String level = "INFO";

  private Logging() {}

  /// Whether people watch standard error: the launcher knows, and they may not want colours
  /// (no-color.org).
  public static boolean onTerminal() {
    return Boolean.getBoolean(TERMINAL_PROPERTY);
  }

  /// @param level `ERROR`, `WARN`, `INFO`, `DEBUG` or `TRACE`
  public static void start(LogFormat format, String level) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setTarget("System.err");
    console.setEncoder(encoder(format, context));
    console.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(console);
    // Its one error, a port in use, is told by who asked for the port.
    context.getLogger("io.javalin.Javalin").setLevel(Level.OFF);
    context.getLogger("io.semper").setLevel(Level.toLevel(level));
    Logging.level = level;
  }

  /// Only warnings and errors from now on, or again what was asked for at first.
  public static void mute(boolean on) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.getLogger("io.semper").setLevel(on ? Level.WARN : Level.toLevel(level));
  }

  private static Encoder<ILoggingEvent> encoder(LogFormat format, LoggerContext context) {
    return switch (format) {
      case TEXT -> {
        PatternLayoutEncoder lines = new PatternLayoutEncoder();
        lines.setContext(context);
        boolean colours = onTerminal() && System.getenv("NO_COLOR") == null;
        String level = colours ? "%highlight(%-5level)" : "%-5level";
        lines.setPattern("%d{HH:mm:ss.SSS} " + level + " %msg%n%ex");
        lines.start();
        yield lines;
      }
      case JSON -> {
        JsonEncoder objects = new JsonEncoder();
        objects.setContext(context);
        objects.setWithSequenceNumber(false);
        objects.setWithNanoseconds(false);
        objects.setWithContext(false);
        objects.setWithMessage(false);
        objects.setWithArguments(false);
        objects.setWithFormattedMessage(true);
        objects.start();
        yield objects;
      }
    };
  }
}
