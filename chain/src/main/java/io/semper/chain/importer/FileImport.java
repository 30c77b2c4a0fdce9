package io.semper.chain.importer;

import io.semper.chain.block.Rule;
import io.semper.chain.block.Violation;
import io.semper.chain.file.BlockFile;
import io.semper.chain.file.FileBlock;
import io.semper.core.bytes.UInt256;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Header;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// Imports a file of blocks: reading and recovery of senders run ahead of execution.
public final class FileImport {
  private final BlockImporter importer;
  private final Listener listener;
  private final AtomicReference<ImportResult> refusal = new AtomicReference<>();
  private long imported;
  private long known;

  /// Told of every block on the importing thread, to show progress.
  @FunctionalInterface
  public interface Listener {
    void imported(ImportResult result, long filePosition);
  }

  /// How far an import came. Blocks before a refusal are kept.
  ///
  /// @param imported blocks that are new
  /// @param known blocks that were there before
  /// @param head the canonical head afterwards
  /// @param refusal why it stopped before the end: block number and rule, or what is wrong with the
  ///   file
  public record Report(long imported, long known, Header head, Optional<String> refusal) {}

  private FileImport(BlockImporter importer, Listener listener) {
    this.importer = importer;
    this.listener = listener;
  }

  /// Imports all blocks of the file up to the first refusal; what the report counts is durable.
  public static Report run(BlockFile file, BlockImporter importer, Listener listener)
      throws IOException, InterruptedException {
    return new FileImport(importer, listener).run(file);
  }

  private Report run(BlockFile file) throws IOException, InterruptedException {
    String damage = null;
    try {
      boolean first = true;
      for (FileBlock next = file.next();
          next != null && refusal.get() == null;
          next = file.next()) {
        if (first) {
          checkTotalDifficulty(next);
          first = false;
          if (refusal.get() != null) {
            break;
          }
        }
        long position = file.position();
        importer.submit(next.block(), result -> onResult(result, position));
      }
    } catch (MalformedInputException e) {
      damage = e.getMessage();
    }
    importer.flush();
    ImportResult refused = refusal.get();
    return new Report(
        imported,
        known,
        importer.ledger().head(),
        refused != null ? Optional.of(refused.toString()) : Optional.ofNullable(damage));
  }

  /// The sums within the file were compared by its reader; here the first meets what is known.
  private void checkTotalDifficulty(FileBlock first) throws InterruptedException {
    UInt256 claimed = first.totalDifficulty();
    if (claimed == null) {
      return;
    }
    importer.flush();
    Header header = first.block().header();
    UInt256 before =
        header.number() == 0
            ? UInt256.ZERO
            : importer.ledger().totalDifficulty(header.parentHash()).orElse(null);
    UInt256 computed = before == null ? claimed : before.plus(header.difficulty());
    if (!computed.equals(claimed)) {
      refusal.set(
          new ImportResult.Invalid(
              header.number(),
              header.hash(),
              new Violation(
                  Rule.TOTAL_DIFFICULTY, "the file claims " + claimed + ", computed " + computed)));
    }
  }

  /// After a refusal the blocks behind it in the queue come to nothing: their parent is missing.
  private void onResult(ImportResult result, long position) {
    switch (result) {
      case ImportResult.Imported ignored -> imported++;
      case ImportResult.AlreadyKnown ignored -> known++;
      case ImportResult.Invalid invalid -> refusal.compareAndSet(null, invalid);
      case ImportResult.UnknownParent unknown -> refusal.compareAndSet(null, unknown);
      case ImportResult.Unavailable unavailable -> refusal.compareAndSet(null, unavailable);
    }
    listener.imported(result, position);
  }
}
