package io.semper.node.qbft;

import io.semper.chain.db.MemoryStore;
import io.semper.chain.file.BlockFile;
import io.semper.chain.importer.BlockImporter;
import io.semper.chain.importer.FileImport;
import io.semper.chain.importer.Ledger;
import io.semper.chain.importer.Seals;
import io.semper.core.fixtures.Fixtures;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.nio.file.Files;
import java.nio.file.Path;

/// The 240 blocks of another implementation's QBFT network.
final class RecordedNetwork {
  private RecordedNetwork() {}

  /// @param folder for files on the way
  static Ledger read(Path folder) throws Exception {
    Fixtures.readArchive(
        "chains/qbft.tar.xz",
        name -> name.endsWith("genesis.json") || name.endsWith("chain.rlp"),
        (name, content) ->
            Files.write(folder.resolve(Path.of(name).getFileName().toString()), content));
    Network network = Genesis.read(Files.readAllBytes(folder.resolve("genesis.json")));
    Ledger ledger = Ledger.open(new MemoryStore(), network, Seals.of(network));
    try (BlockImporter importer = new BlockImporter(ledger);
        BlockFile file = BlockFile.open(folder.resolve("chain.rlp"))) {
      FileImport.run(file, importer, (result, position) -> {});
    }
    return ledger;
  }
}
