package io.semper.chain.importer;

import static org.assertj.core.api.Assertions.assertThat;

import io.semper.chain.block.SealRule;
import io.semper.chain.db.LevelDbStore;
import io.semper.chain.db.WriteBehind;
import io.semper.chain.file.BlockFileWriter;
import io.semper.core.types.Header;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An import killed at random instants, whose batches are written by a thread of their own: what is
/// there afterwards is what a shorter import would have left, with all that was said to be durable,
/// and the import goes on to the same head.
///
/// `semper.kills` says how often, `semper.kills.seed` at which instants.
class KillTest {
  private static final int KILLS = Integer.getInteger("semper.kills", 8);
  private static final long SEED = Long.getLong("semper.kills.seed", 9);

  /// Blocks with branches: reorganisations are cut short as well.
  private static final int BLOCKS = 300;

  /// Of new blocks between kills.
  private static final int MOST_BLOCKS = 120;

  @TempDir Path folder;
  private final TestChain chain = new TestChain(TestChain.LONDON_FORKS, SEED);

  /// The head after so many blocks, genesis among them.
  private List<Header> heads;

  private Path file;

  @BeforeEach
  void makeTheChain() throws IOException {
    file = folder.resolve("chain.rlp");
    try (BlockFileWriter out = BlockFileWriter.create(file)) {
      for (int i = 0; i < BLOCKS; i++) {
        out.write(chain.nextSomewhere().block());
      }
    }
    heads = CrashTest.headsOf(chain);
  }

  @Test
  void killedAtRandomInstants() throws IOException, InterruptedException {
    Random random = new Random(SEED);
    int there = 0;
    for (int kill = 0, run = 0; kill < KILLS; run += there == BLOCKS ? 1 : 0) {
      Path database = folder.resolve("run" + run);
      // What is there already is told again.
      int lines = there % BLOCKS + 1 + random.nextInt(MOST_BLOCKS);
      Progress told = importUntilKilled(database, lines, kill % 2 == 0);
      kill += told.killed() ? 1 : 0;
      there = check(database);
      String when = "kill %d of seed %d after %d lines".formatted(kill, SEED, lines);
      assertThat(there).as(when).isGreaterThanOrEqualTo(told.durable());
      assertThat(there).as(when).isGreaterThanOrEqualTo(told.imported() - WriteBehind.MAX_WAITING);
      if (!told.killed()) {
        assertThat(there).as("an import that came to its end").isEqualTo(BLOCKS);
      }
    }
  }

  /// @param imported the last block told to be imported
  /// @param durable the last block told to be durable
  private record Progress(int imported, int durable, boolean killed) {}

  private Progress importUntilKilled(Path database, int lines, boolean afterAny)
      throws IOException, InterruptedException {
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KilledImport.class.getName(),
                database.toString(),
                file.toString(),
                String.valueOf(SEED))
            .redirectError(errors.toFile())
            .start();
    int imported = 0;
    int durable = 0;
    boolean killed = false;
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        boolean isDurable = line.startsWith(KilledImport.DURABLE);
        int number =
            Integer.parseInt(isDurable ? line.substring(KilledImport.DURABLE.length()) : line);
        imported = Math.max(imported, number);
        durable = isDurable ? number : durable;
        // Every second time just after a block was made durable, with others written before it.
        if (--lines <= 0 && !killed && (isDurable || afterAny)) {
          // Through the handle, which leaves the pipe open for what was printed before.
          killed = process.toHandle().destroyForcibly();
        }
      }
    } finally {
      process.destroyForcibly();
    }
    // It may have come to its end between its last line and the kill.
    boolean ended = process.waitFor() == 0;
    assertThat(ended || killed).as(() -> read(errors)).isTrue();
    return new Progress(imported, durable, !ended);
  }

  /// Opens what was left.
  ///
  /// @return how many of the file's blocks are there
  private int check(Path database) {
    try (LevelDbStore store = LevelDbStore.open(database)) {
      Ledger ledger = Ledger.open(store, chain.network(), SealRule.NONE);
      int there = CrashTest.there(chain, ledger);
      assertThat(ledger.head()).isEqualTo(heads.get(there));
      assertThat(ledger.states().recomputeRoot()).isEqualTo(ledger.head().stateRoot());
      return there - 1;
    }
  }

  private static String read(Path errors) {
    try {
      return "the import ended by itself: " + Files.readString(errors);
    } catch (IOException e) {
      return "the import ended by itself: " + e;
    }
  }
}
