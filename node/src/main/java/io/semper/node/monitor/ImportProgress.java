package io.semper.node.monitor;

import io.semper.chain.importer.FileImport;
import io.semper.chain.importer.ImportResult;
import io.semper.core.types.Header;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/// Shows how an import goes: on a terminal one line that changes, elsewhere a line now and then.
///
/// Called by the importing thread only.
public final class ImportProgress implements FileImport.Listener {
  private static final long TERMINAL_NANOS = 250_000_000L;
  private static final long LOG_NANOS = 10_000_000_000L;
  private static final double NANOS_PER_SECOND = 1e9;

  private final String name;
  private final long fileBytes;
  private final PrintStream out;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private final long started;
  private long shown;
  private long shownBlocks;
  private long shownGas;
  private long blocks;
  private long transactionsGas;

  /// @param fileBytes size of the file, from which the remaining time is estimated
  public ImportProgress(
      String name, long fileBytes, PrintStream out, boolean terminal, LongSupplier nanoTime) {
    this.name = name;
    this.fileBytes = fileBytes;
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
    started = nanoTime.getAsLong();
    shown = started;
  }

  @Override
  public void imported(ImportResult result, long filePosition) {
    Header header =
        switch (result) {
          case ImportResult.Imported imported -> imported.header();
          case ImportResult.AlreadyKnown known -> known.header();
          case ImportResult.Invalid ignored -> null;
          case ImportResult.UnknownParent ignored -> null;
          case ImportResult.Unavailable ignored -> null;
        };
    if (header == null) {
      return;
    }
    blocks++;
    if (result instanceof ImportResult.Imported) {
      transactionsGas += header.gasUsed();
    }
    long now = nanoTime.getAsLong();
    if (now - shown >= (terminal ? TERMINAL_NANOS : LOG_NANOS)) {
      show(header, filePosition, now);
    }
  }

  private void show(Header header, long position, long now) {
    double seconds = (now - shown) / NANOS_PER_SECOND;
    double done = fileBytes == 0 ? 1 : (double) position / fileBytes;
    double left = (now - started) / NANOS_PER_SECOND * (1 - done) / Math.max(done, 1e-9);
    String line =
        String.format(
            Locale.ROOT,
            "%s: %3.0f %%, block %d, %s, %s left",
            name,
            100 * done,
            header.number(),
            rates(blocks - shownBlocks, transactionsGas - shownGas, seconds),
            duration(left));
    print(line, !terminal);
    shown = now;
    shownBlocks = blocks;
    shownGas = transactionsGas;
  }

  /// Ends the changing line and sums up.
  public void finish(FileImport.Report report) {
    double seconds = (nanoTime.getAsLong() - started) / NANOS_PER_SECOND;
    String line =
        String.format(
            Locale.ROOT,
            "%s: %d blocks imported%s in %s, %s",
            name,
            report.imported(),
            report.known() == 0 ? "" : ", " + report.known() + " known before",
            duration(seconds),
            rates(blocks, transactionsGas, seconds));
    print(line, true);
  }

  private void print(String line, boolean last) {
    if (terminal) {
      out.print("\r\033[K");
    }
    out.print(line);
    if (last) {
      out.println();
    }
    out.flush();
  }

  private static String rates(long blocks, long gas, double seconds) {
    double time = Math.max(seconds, 1e-9);
    return String.format(
        Locale.ROOT, "%.0f blocks/s, %.1f Mgas/s", blocks / time, gas / time / 1e6);
  }

  private static String duration(double seconds) {
    if (seconds < 100) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    return whole < 3600
        ? String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole / 60 % 60);
  }
}
