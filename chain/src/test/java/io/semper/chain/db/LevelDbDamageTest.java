package io.semper.chain.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A folder that is in use, incomplete or damaged is refused with a sentence that says what to do.
class LevelDbDamageTest {
  private static final int BATCHES = 400;

  @TempDir Path folder;

  private static byte[] key(int i) {
    return new byte[] {'k', (byte) (i >>> 8), (byte) i};
  }

  private void fill(Engine engine) {
    Random random = new Random(1);
    try (LevelDbStore store = LevelDbStore.open(folder, engine)) {
      for (int i = 0; i < BATCHES; i++) {
        byte[] value = new byte[1000];
        random.nextBytes(value);
        store.write(new WriteBatch().put(key(i), value), false);
      }
    }
  }

  private List<Path> files(String suffix) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(f -> f.getFileName().toString().endsWith(suffix)).sorted().toList();
    }
  }

  private static void cut(Path file, long bytes) throws IOException {
    try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
      f.setLength(bytes);
    }
  }

  private void refusedAsDamaged(Engine engine) {
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> readAll(engine))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("is damaged")
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("import the chain again");
    }
  }

  private void readAll(Engine engine) {
    try (LevelDbStore store = LevelDbStore.open(folder, engine)) {
      for (int i = 0; i < BATCHES; i++) assertThat(store.get(key(i))).hasSize(1000);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void reopensWithEverything(Engine engine) {
    fill(engine);
    readAll(engine);
    readAll(engine);
  }

  /// A crash leaves an unfinished table behind that no record names, and the next start may write
  /// another by that name while it is looked at.
  @Test
  void aTableThatIsBeingWrittenIsNotTakenForADamagedOne() throws IOException {
    Path table = folder.resolve("000111.sst");
    Files.write(table, new byte[196_608]);
    Map<Path, FileTime> before = LevelDbStore.tables(folder);
    assertThatThrownBy(() -> LevelDbStore.checkTables(folder, before))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("000111.sst of 196608 bytes is cut off");
    Files.setLastModifiedTime(table, FileTime.fromMillis(before.get(table).toMillis() + 1000));
    LevelDbStore.checkTables(folder, before);
    Files.delete(table);
    LevelDbStore.checkTables(folder, before);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void secondOpenerIsRefused(Engine engine) {
    LevelDbStore first = LevelDbStore.open(folder, engine);
    assertThatThrownBy(() -> LevelDbStore.open(folder, engine))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("in use by another process (pid " + ProcessHandle.current().pid());
    first.close();
    LevelDbStore.open(folder, engine).close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void nobodyOpensItWhileAClosedOneIsCopied(Engine engine) throws IOException {
    try (LevelDbStore store = LevelDbStore.open(folder, engine)) {
      store.closeThen(() ->
          assertThatThrownBy(() -> LevelDbStore.open(folder, engine))
              .isInstanceOf(StorageException.class)
              .hasMessageContaining("in use"));
      LevelDbStore.open(folder, engine).close();
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void theOtherEngineIsRefused(Engine engine) {
    fill(engine);
    Engine other = engine == Engine.NATIVE ? Engine.JAVA : Engine.NATIVE;
    assertThatThrownBy(() -> LevelDbStore.open(folder, other))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("was made by " + engine.mark());
    LevelDbStore.open(folder).close();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void truncatedLogIsRefused(Engine engine) throws IOException {
    fill(engine);
    Path log = files(".log").getLast();
    cut(log, Files.size(log) / 2);
    refusedAsDamaged(engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void logMissingItsLastByteIsRefused(Engine engine) throws IOException {
    fill(engine);
    Path log = files(".log").getLast();
    cut(log, Files.size(log) - 1);
    refusedAsDamaged(engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void removedLogIsRefused(Engine engine) throws IOException {
    fill(engine);
    Files.delete(files(".log").getLast());
    refusedAsDamaged(engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void truncatedTableIsRefused(Engine engine) throws IOException {
    fill(engine);
    readAll(engine);
    Path table = files(".sst").getLast();
    cut(table, Files.size(table) / 2);
    refusedAsDamaged(engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void emptyTableIsRefused(Engine engine) throws IOException {
    fill(engine);
    readAll(engine);
    cut(files(".sst").getLast(), 0);
    refusedAsDamaged(engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void flippedByteInATableIsRefusedWhenRead(Engine engine) throws IOException {
    fill(engine);
    readAll(engine);
    Path largest = null;
    for (Path table : files(".sst")) {
      if (largest == null || Files.size(table) > Files.size(largest)) largest = table;
    }
    try (RandomAccessFile f = new RandomAccessFile(largest.toFile(), "rw")) {
      f.seek(f.length() / 2);
      int b = f.read();
      f.seek(f.length() / 2);
      f.write(b ^ 0x10);
    }
    refusedAsDamaged(engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void truncatedManifestIsRefused(Engine engine) throws IOException {
    fill(engine);
    readAll(engine);
    try (Stream<Path> all = Files.list(folder)) {
      for (Path f : all.filter(f -> f.toString().contains("MANIFEST")).toList()) {
        cut(f, Files.size(f) / 2);
      }
    }
    refusedAsDamaged(engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void lostCurrentFileDoesNotMakeANewDatabase(Engine engine) throws IOException {
    fill(engine);
    Files.delete(folder.resolve("CURRENT"));
    refusedAsDamaged(engine);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void filesOfUnknownOriginAreRefused(Engine engine) throws IOException {
    fill(engine);
    Files.delete(folder.resolve("ENGINE"));
    assertThatThrownBy(() -> LevelDbStore.open(folder))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("no ENGINE file");
    Files.writeString(folder.resolve("ENGINE"), "rocks\n");
    assertThatThrownBy(() -> LevelDbStore.open(folder))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("unknown engine 'rocks'");
  }
}
