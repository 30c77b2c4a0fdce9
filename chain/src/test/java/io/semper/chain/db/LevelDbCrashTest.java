package io.semper.chain.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A process killed while it writes loses no batch whose writing had returned, nor half of one, and
/// its folder opens again by itself.
class LevelDbCrashTest {
  private static final int KILLS = 6;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Engine.class)
  void killedAtRandomInstants(Engine engine) throws IOException, InterruptedException {
    Random random = new Random(9);
    for (int kill = 0; kill < KILLS; kill++) {
      long acknowledged = writeUntilKilled(engine, 1 + random.nextInt(600));
      try (LevelDbStore store = LevelDbStore.open(folder, engine)) {
        long last = CrashingWriter.last(store);
        assertThat(last).isGreaterThanOrEqualTo(acknowledged);
        for (long i = 1; i <= last; i++) {
          assertThat(store.get(CrashingWriter.key(i))).isEqualTo(CrashingWriter.value(i));
        }
        assertThat(store.get(CrashingWriter.key(last + 1))).isNull();
      }
    }
  }

  private long writeUntilKilled(Engine engine, int batches)
      throws IOException, InterruptedException {
    Path errors = folder.resolveSibling(folder.getFileName() + ".err");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingWriter.class.getName(),
                folder.toString(),
                engine.name())
            .redirectError(errors.toFile())
            .start();
    long acknowledged = 0;
    try (BufferedReader out = process.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        acknowledged = Long.parseLong(line);
        // Through the handle, which leaves the pipe open for what was printed before.
        if (--batches == 0) process.toHandle().destroyForcibly();
      }
    } finally {
      process.destroyForcibly();
    }
    process.waitFor();
    assertThat(batches).as(() -> read(errors)).isLessThanOrEqualTo(0);
    Files.delete(errors);
    return acknowledged;
  }

  private static String read(Path errors) {
    try {
      return "batches missing when the writer ended: " + Files.readString(errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
