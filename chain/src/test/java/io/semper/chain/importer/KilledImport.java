package io.semper.chain.importer;

import io.semper.chain.block.SealRule;
import io.semper.chain.db.ForwardingStore;
import io.semper.chain.db.LevelDbStore;
import io.semper.chain.db.WriteBatch;
import io.semper.chain.db.WriteBehind;
import io.semper.chain.file.BlockFile;
import io.semper.chain.file.FileBlock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/// A process that imports a file as `semper import` does, behind a disk so slow that batches wait,
/// and prints what became of each block. Some blocks it makes durable at once, as a node does that
/// follows the head.
final class KilledImport {
  static final String DURABLE = "durable ";

  private static final int DURABLE_EVERY = 16;

  /// Longer than to execute a block.
  private static final long WRITE_NANOS = 5_000_000;

  private KilledImport() {}

  /// @param args folder, file, seed of the chain
  public static void main(String[] args) throws IOException, InterruptedException {
    TestChain chain = new TestChain(TestChain.LONDON_FORKS, Long.parseLong(args[2]));
    ForwardingStore slow =
        new ForwardingStore(LevelDbStore.open(Path.of(args[0]))) {
          @Override
          public void write(WriteBatch batch, boolean sync) {
            LockSupport.parkNanos(WRITE_NANOS);
            super.write(batch, sync);
          }
        };
    try (WriteBehind store = new WriteBehind(slow);
        BlockFile file = BlockFile.open(Path.of(args[1]))) {
      Ledger ledger = Ledger.open(store, chain.network(), SealRule.NONE);
      try (BlockImporter importer = new BlockImporter(ledger)) {
        int number = 0;
        for (FileBlock next = file.next(); next != null; next = file.next()) {
          int imported = ++number;
          if (imported % DURABLE_EVERY == 0) {
            importer.importBlock(next.block());
            System.out.println(DURABLE + imported);
          } else {
            importer.submit(next.block(), result -> System.out.println(imported));
          }
        }
      }
    }
  }
}
