package io.semper.chain.importer;

import io.semper.chain.block.SealRule;
import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.LevelDbStore;
import io.semper.chain.db.MemoryStore;
import io.semper.chain.ethash.EthashSeal;
import io.semper.chain.file.BlockFile;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/// Imports files from the command line and prints the rate: `GENESIS DATA_DIR|memory FILE...`.
final class ImportLauncher {
  private ImportLauncher() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Network network = Genesis.read(Files.readAllBytes(Path.of(args[0])));
    SealRule seal = EthashSeal.of(network);
    try (KeyValueStore store =
        args[1].equals("memory") ? new MemoryStore() : LevelDbStore.open(Path.of(args[1]))) {
      Ledger ledger = Ledger.open(store, network, seal);
      System.out.println("opened at block " + ledger.head().number());
      try (BlockImporter importer = new BlockImporter(ledger)) {
        for (int i = 2; i < args.length; i++) {
          importFile(Path.of(args[i]), importer);
        }
      }
      long start = System.nanoTime();
      boolean same = ledger.states().recomputeRoot().equals(ledger.head().stateRoot());
      System.out.printf("flat state %s, %.1f s%n", same ? "ok" : "WRONG", seconds(start));
      System.out.println(store.statistics());
    }
  }

  private static void importFile(Path path, BlockImporter importer)
      throws IOException, InterruptedException {
    AtomicLong gas = new AtomicLong();
    long start = System.nanoTime();
    try (BlockFile file = BlockFile.open(path)) {
      FileImport.Report report =
          FileImport.run(
              file,
              importer,
              (result, position) -> {
                if (result instanceof ImportResult.Imported imported) {
                  gas.addAndGet(imported.header().gasUsed());
                }
              });
      double seconds = seconds(start);
      System.out.printf(
          "%s: %d new, %d known, %s, head %d %s, %.1f s, %.1f blocks/s, %.1f Mgas/s%n",
          path.getFileName(),
          report.imported(),
          report.known(),
          report.refusal().orElse("complete"),
          report.head().number(),
          report.head().hash(),
          seconds,
          report.imported() / seconds,
          gas.get() / seconds / 1e6);
    }
  }

  private static double seconds(long startNanos) {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
