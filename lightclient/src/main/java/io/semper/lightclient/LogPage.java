package io.semper.lightclient;

import io.semper.core.bytes.Hash32;
import io.semper.core.types.Log;
import java.util.List;

/// All logs that match in the blocks looked at, none left out.
///
/// @param nextBlock where to go on, -1 where the range is done
public record LogPage(List<Found> logs, long nextBlock) {
  public LogPage {
    logs = List.copyOf(logs);
  }

  /// A log and its place, all of it from proven blocks and receipts.
  ///
  /// @param logIndex in the block
  public record Found(
      Log log,
      long blockNumber,
      Hash32 blockHash,
      Hash32 transactionHash,
      int transactionIndex,
      int logIndex) {}

  /// How much one page may cost.
  ///
  /// @param blocks headers looked at
  /// @param receipts blocks whose receipts are fetched
  /// @param logs found
  public record Budget(int blocks, int receipts, int logs) {
    public static final Budget DEFAULT = new Budget(10_000, 500, 10_000);
  }
}
