package io.semper.node.cli;

import picocli.CommandLine.Option;

/// How much of the past stays readable.
final class HistoryOption {
  private static final String ARCHIVE = "archive";

  /// Enough for reorganisations, for contracts that look back, and for light clients to be given
  /// proofs.
  private static final long LEAST_BLOCKS = 256;

  @Option(
      names = "--history",
      paramLabel = "BLOCKS",
      defaultValue = ARCHIVE,
      description =
          "Keep the state of this many blocks below the head, 256 or more, or of all with"
              + " 'archive' (default: archive).")
  private String history;

  /// How many blocks below the head keep their state.
  long blocks() {
    if (history.equals(ARCHIVE)) {
      return Long.MAX_VALUE;
    }
    try {
      long blocks = Long.parseLong(history);
      if (blocks >= LEAST_BLOCKS && blocks < Long.MAX_VALUE) {
        return blocks;
      }
    } catch (NumberFormatException none) {
      // Said below.
    }
    throw new Failure(
        "--history: " + history + " is neither 'archive' nor a number of 256 blocks or more");
  }
}
