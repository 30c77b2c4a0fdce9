package io.semper.node.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import java.io.IOException;
import java.io.OutputStream;
import org.slf4j.LoggerFactory;

/// Sets Logback up in code: no configuration file to find and parse at every start.
public final class Logging {
  private static final String TERMINAL_PROPERTY = "semper.terminal";

  private static volatile String level = "INFO";

  /// One for the process, however often logging is set up.
  private static GatheredLines lines;

  /// Standard error; warnings and errors do not wait.
  private static final class Console extends OutputStreamAppender<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      super.append(event);
      if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
        try {
          getOutputStream().flush();
        } catch (IOException gone) {
          addError("standard error is gone", gone);
        }
      }
    }
  }

  /// Whatever it is when it is written to.
  private static final class StandardError extends OutputStream {
    @Override
    public void write(int b) {
      System.err.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      System.err.write(bytes, offset, length);
    }

    @Override
    public void flush() {
      System.err.flush();
    }
  }

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
    OutputStreamAppender<ILoggingEvent> console = new Console();
    console.setContext(context);
    console.setImmediateFlush(false);
    console.setOutputStream(lines());
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

  private static synchronized GatheredLines lines() {
    if (lines == null) {
      lines = new GatheredLines(new StandardError());
      Runtime.getRuntime().addShutdownHook(new Thread(Logging::ending, "log-end"));
    }
    return lines;
  }

  /// The process ends soon: what was logged is written, and what is logged from now on does not
  /// wait, since nobody would come for it.
  public static synchronized void ending() {
    if (lines != null) {
      lines.end();
    }
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
