package io.semper.chain.importer;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.db.MemoryStore;
import io.semper.chain.ethash.EthashSeal;
import io.semper.chain.file.BlockFile;
import io.semper.chain.file.BlockFileWriter;
import io.semper.chain.file.FileBlock;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.rlp.MalformedInputException;
import io.semper.genesis.Genesis;
import io.semper.genesis.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Chains made by others, imported from their files, whole and damaged.
class RealChainsTest {
  private static final String COMPAT_GENESIS = "rpc-compat/genesis.json";
  private static final String COMPAT_CHAIN = "rpc-compat/chain.rlp";

  @TempDir Path folder;

  @Test
  void everyForkFromFrontierToBpo2() throws Exception {
    FileImport.Report report = run(network(COMPAT_GENESIS), Fixtures.path(COMPAT_CHAIN));

    assertThat(report.refusal()).isEmpty();
    assertThat(report.imported()).isEqualTo(54);
    assertThat(report.head().hash())
        .hasToString("0xd226371d0b1551adb03fb52b71f08e3e11247fe9b1af994768af8cdaa8e7dcd7");
  }

  @Test
  void mainnetsFirstBlocksWithTheirSeals() throws Exception {
    FileImport.Report report =
        run(network("chains/mainnet.genesis.json"), Fixtures.path("chains/mainnet-1-999.blocks"));

    assertThat(report.refusal()).isEmpty();
    assertThat(report.known()).isEqualTo(1);
    assertThat(report.head().number()).isEqualTo(999);
    assertThat(report.head().hash())
        .hasToString("0xc31b362e591aa07faa977dbc492ae43cd47eef291920435153bbbf3acaf2fc2f");
  }

  @Test
  void sepoliasFirstEraWithItsSeals() throws Exception {
    FileImport.Report report =
        run(network("chains/sepolia.genesis.json"), Fixtures.path("chains/sepolia-0-8191.era1"));

    assertThat(report.refusal()).isEmpty();
    assertThat(report.head().number()).isEqualTo(8191);
    assertThat(report.head().hash())
        .hasToString("0x8e3e7dc9ef199c05683417b4aa572f0b7a8bcfafca7edb6045baabc01aa4fb0c");
  }

  @Test
  void theFirstBlocksOfABusyChain() throws Exception {
    Path genesis = folder.resolve("genesis.json");
    Path whole = folder.resolve("whole.rlp");
    Fixtures.readArchive(
        "chains/load1.tar.xz",
        name -> name.endsWith("genesis.json") || name.endsWith("chain.rlp"),
        (name, content) -> Files.write(name.endsWith("json") ? genesis : whole, content));
    Path chain = folder.resolve("chain.rlp");
    try (BlockFile from = BlockFile.open(whole);
        BlockFileWriter to = BlockFileWriter.create(chain)) {
      for (int i = 0; i < 20; i++) {
        to.write(from.next().block());
      }
    }
    FileImport.Report report = run(Genesis.read(Files.readAllBytes(genesis)), chain);

    assertThat(report.refusal()).isEmpty();
    assertThat(report.head().number()).isEqualTo(20);
  }

  @Test
  void importingAgainChangesNothing() throws Exception {
    Network network = network(COMPAT_GENESIS);
    Ledger ledger = Ledger.open(new MemoryStore(), network, EthashSeal.of(network));
    try (BlockImporter importer = new BlockImporter(ledger)) {
      run(importer, Fixtures.path(COMPAT_CHAIN));
      FileImport.Report again = run(importer, Fixtures.path(COMPAT_CHAIN));

      assertThat(again.imported()).isZero();
      assertThat(again.known()).isEqualTo(54);
      assertThat(again.refusal()).isEmpty();
    }
  }

  @Test
  void anotherNetworksChainIsRefused() throws Exception {
    FileImport.Report report =
        run(network("chains/sepolia.genesis.json"), Fixtures.path("chains/mainnet-1-999.blocks"));

    assertThat(report.refusal().orElseThrow()).contains("block 0 ").contains("GENESIS");
    assertThat(report.head().number()).isZero();
  }

  /// Whatever byte is changed, the block it lies in is refused and the one before is the head.
  @Test
  void anyChangedByteIsRefusedAndTheChainBeforeItKept() throws Exception {
    Network network = network(COMPAT_GENESIS);
    byte[] whole = Files.readAllBytes(Fixtures.path(COMPAT_CHAIN));
    List<Long> ends = blockEnds(Fixtures.path(COMPAT_CHAIN));
    EthashSeal seal = EthashSeal.of(network);
    Random random = new Random(21);
    for (int i = 0; i < 60; i++) {
      int position = random.nextInt(whole.length);
      byte[] damaged = whole.clone();
      damaged[position] ^= (byte) (1 + random.nextInt(255));
      Path file = folder.resolve("damaged.rlp");
      Files.write(file, damaged);
      long block = 1 + ends.stream().filter(end -> end <= position).count();
      try (BlockImporter importer =
          new BlockImporter(Ledger.open(new MemoryStore(), network, seal))) {
        FileImport.Report report = run(importer, file);

        assertThat(report.refusal()).describedAs("byte " + position).isPresent();
        assertThat(report.refusal().orElseThrow()).contains("block");
        assertThat(report.head().number())
            .describedAs("byte " + position + ": " + report.refusal())
            .isEqualTo(block - 1);
        assertThat(importer.ledger().states().recomputeRoot()).isEqualTo(report.head().stateRoot());
      }
    }
  }

  private static List<Long> blockEnds(Path path) throws IOException {
    List<Long> ends = new ArrayList<>();
    try (BlockFile file = BlockFile.open(path)) {
      for (FileBlock block = file.next(); block != null; block = file.next()) {
        ends.add(file.position());
      }
    } catch (MalformedInputException e) {
      throw new IOException(e);
    }
    return ends;
  }

  private static Network network(String genesis) throws IOException {
    return Genesis.read(Files.readAllBytes(Fixtures.path(genesis)));
  }

  private static FileImport.Report run(Network network, Path path) throws Exception {
    Ledger ledger = Ledger.open(new MemoryStore(), network, EthashSeal.of(network));
    try (BlockImporter importer = new BlockImporter(ledger)) {
      return run(importer, path);
    }
  }

  private static FileImport.Report run(BlockImporter importer, Path path) throws Exception {
    try (BlockFile file = BlockFile.open(path)) {
      return FileImport.run(file, importer, (result, position) -> {});
    }
  }
}
