package io.semper.node.cli;

import io.semper.chain.db.LevelDbStore;
import io.semper.chain.file.BlockFileWriter;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Seals;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.genesis.Network;
import io.semper.node.config.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `semper export`: writes canonical blocks to a file that `import` reads.
@Command(name = "export", description = "Write blocks of the chain to a file (concatenated RLP).")
final class ExportCommand implements Callable<Integer> {
  @Mixin private NetworkOptions networks;
  @Mixin private LogOptions log;
  @Spec private CommandSpec spec;

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      required = true,
      description = "Where the chain is kept.")
  private Path dataDir;

  @Option(
      names = "--from",
      paramLabel = "BLOCK",
      defaultValue = "1",
      description = "First block to write (default: 1).")
  private long from;

  @Option(
      names = "--to",
      paramLabel = "BLOCK",
      description = "Last block to write (default: the head).")
  private Long to;

  @Parameters(paramLabel = "FILE", description = "File to write; one that exists is replaced.")
  private Path file;

  @Override
  public Integer call() throws IOException {
    log.apply();
    DataDirectory directory = new DataDirectory(dataDir);
    Network network = networks.choose(directory).network();
    try (LevelDbStore store = LevelDbStore.open(directory.chain())) {
      Ledger ledger = Ledger.open(store, network, Seals.of(network));
      long last = to == null ? ledger.head().number() : to;
      if (from < 0 || from > last || last > ledger.head().number()) {
        throw new Failure(
            "the chain has blocks 0 to "
                + ledger.head().number()
                + ", asked for are "
                + from
                + " to "
                + last);
      }
      write(ledger, last);
      spec.commandLine().getOut().println("blocks " + from + " to " + last + " in " + file);
      spec.commandLine().getOut().flush();
    }
    return 0;
  }

  /// Beside the file first, so that a file of that name is always whole.
  private void write(Ledger ledger, long last) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try (BlockFileWriter out = BlockFileWriter.create(part)) {
      for (long number = from; number <= last; number++) {
        Optional<Block> block = ledger.header(number).map(Header::hash).flatMap(ledger::block);
        out.write(block.orElseThrow(() -> new Failure("a block is missing from the chain")));
        if (Thread.interrupted()) {
          throw new Failure("stopped at block " + number);
        }
      }
    }
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
