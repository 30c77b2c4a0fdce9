package io.semper.node.cli;

import io.semper.chain.db.KeyValueStore;
import io.semper.chain.db.LevelDbStore;
import io.semper.chain.db.WriteBehind;
import io.semper.chain.file.BlockFile;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.FileImport;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Seals;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Header;
import io.semper.genesis.Network;
import io.semper.node.config.DataDirectory;
import io.semper.node.config.NetworkChoice;
import io.semper.node.log.Logging;
import io.semper.node.monitor.ImportProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `semper import`: verifies the blocks of files and adds them to the chain. Blocks before a
/// refused one are kept; running it again goes on where it ended.
@Command(
    name = "import",
    description = "Verify blocks from files (concatenated RLP or era1) and add them to the chain.")
final class ImportCommand implements Callable<Integer> {
  @Mixin private NetworkOptions networks;
  @Mixin private HistoryOption history;
  @Mixin private CompileOptions compile;
  @Mixin private LogOptions log;
  @Spec private CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      required = true,
      description = "Where the chain is kept.")
  private Path dataDir;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Files of blocks, in order.")
  private List<Path> files;

  @Override
  public Integer call() throws IOException {
    log.apply();
    compile.apply();
    DataDirectory directory = new DataDirectory(dataDir);
    NetworkChoice choice = networks.choose(directory);
    Network network = choice.network();
    try (KeyValueStore store = new WriteBehind(LevelDbStore.open(directory.chain()))) {
      Ledger ledger = Ledger.open(store, network, Seals.of(network), history.blocks());
      directory.remember(choice);
      BlockImporter importer = new BlockImporter(ledger);
      try {
        for (Path file : files) {
          importFile(file, importer);
        }
      } catch (InterruptedException | ClosedByInterruptException e) {
        // The importer must be able to wait for its last blocks.
        Thread.interrupted();
        importer.close();
        throw new Failure("stopped at block " + ledger.head().number() + "; run it again to go on");
      } finally {
        importer.close();
      }
      printHead(ledger.head());
    }
    return 0;
  }

  private static void importFile(Path path, BlockImporter importer)
      throws IOException, InterruptedException {
    FileImport.Report report;
    try (BlockFile file = BlockFile.open(path)) {
      ImportProgress progress =
          new ImportProgress(
              path.getFileName().toString(),
              file.size(),
              System.err,
              Logging.onTerminal(),
              System::nanoTime);
      report = FileImport.run(file, importer, progress);
      progress.finish(report);
    } catch (MalformedInputException e) {
      throw new Failure(path + ": " + e.getMessage());
    }
    if (report.refusal().isPresent()) {
      throw new Failure(
          path
              + ": "
              + report.refusal().get()
              + "; the chain before it is kept, its head is block "
              + report.head().number()
              + " "
              + report.head().hash());
    }
  }

  private void printHead(Header head) {
    PrintWriter out = spec.commandLine().getOut();
    out.println("head " + head.number() + " " + head.hash());
    out.flush();
  }
}
