package io.semper.chain.db;

import io.semper.core.bytes.BigEndian;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.Range;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A store in a folder, kept by LevelDB.
///
/// Damage is detected in four ways: checksums, on every read; the end mark of every table, on
/// opening; the number of the last batch against [Progress]; and a folder that has been used before
/// is never created anew. After a failed write nothing is written any more until the store is
/// opened again, because what the engine kept of that write is unknown. A disk about to be full is
/// noticed before that, and refuses writes until there is space.
///
/// The folder holds the engine's files and `ENGINE` (which implementation made them), `PROGRESS`,
/// `semper.lock` (held while open) and `native` (the unpacked library).
public final class LevelDbStore implements KeyValueStore {
  private static final Logger LOG = LoggerFactory.getLogger(LevelDbStore.class);

  /// Large enough that a busy hour needs few merges; twice that is held in memory.
  private static final int WRITE_BUFFER_BYTES = 128 << 20;

  /// Space left free. The engine writes through memory maps: on a full disk the process would be
  /// ended by a signal in the middle of a merge. This is what the largest usual merge and two logs
  /// take.
  public static final long RESERVED_DISK_BYTES = 1L << 30;

  private static final long BLOCK_CACHE_BYTES = 256L << 20;
  private static final int BLOCK_BYTES = 4 << 10;
  private static final ReadOptions CHECKED = new ReadOptions().verifyChecksums(true);
  private static final int MAX_OPEN_FILES = 1000;
  private static final String ENGINE_FILE = "ENGINE";
  private static final String LOCK_FILE = "semper.lock";
  private static final String NATIVE_FOLDER = "native";
  private static final long TABLE_MAGIC = 0xdb4775248b80fb57L;

  private final Path folder;
  private final Engine engine;
  private final FileChannel lockFile;
  private final Progress progress;
  private final DB db;

  /// Held for reading around every call into the engine, for writing by `close`: a native call on a
  /// closed database would end the process.
  private final ReadWriteLock closing = new ReentrantReadWriteLock();

  private final Set<DbCursor> cursors = ConcurrentHashMap.newKeySet();
  private boolean closed;
  private long batches;
  private StorageException failed;

  private LevelDbStore(
      Path folder, Engine engine, FileChannel lockFile, Progress progress, DB db, long batches) {
    this.folder = folder;
    this.engine = engine;
    this.lockFile = lockFile;
    this.progress = progress;
    this.db = db;
    this.batches = batches;
  }

  /// Opens the store in `folder`, making both where they do not exist.
  ///
  /// @throws StorageException in use, damaged, made by an engine that does not run here, or not
  ///   accessible
  public static LevelDbStore open(Path folder) {
    return open(folder, null);
  }

  /// @param wanted the engine for a new folder, `null` for the best one that runs here
  static LevelDbStore open(Path folder, Engine wanted) {
    FileChannel lock = null;
    Progress progress = null;
    DB db = null;
    boolean done = false;
    try {
      Files.createDirectories(folder);
      lock = lock(folder);
      checkSpace(folder);
      boolean used = isUsed(folder);
      Engine engine = engine(folder, used, wanted);
      Map<Path, FileTime> tablesBefore = tables(folder);
      progress = Progress.open(folder);
      db = engine.open(folder.toFile(), options(engine, !used));
      if (engine == Engine.NATIVE) checkTables(folder, tablesBefore);
      byte[] stamp = db.get(Schema.BATCH_NUMBER, CHECKED);
      long batches = batchNumber(engine.unseal(Schema.BATCH_NUMBER, stamp));
      checkProgress(folder, progress, batches);
      LevelDbStore store = new LevelDbStore(folder, engine, lock, progress, db, batches);
      done = true;
      return store;
    } catch (StorageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw explain(folder, "open", e);
    } finally {
      if (!done) closeQuietly(db, progress, lock);
    }
  }

  private static void checkSpace(Path folder) {
    long free = folder.toFile().getUsableSpace();
    if (free < RESERVED_DISK_BYTES) {
      throw new StorageException(
          "no space left on the disk of "
              + folder
              + ": "
              + (free >> 20)
              + " MiB are free and "
              + (RESERVED_DISK_BYTES >> 20)
              + " MiB must stay free for the database to be safe; free some and start again");
    }
  }

  private static Options options(Engine engine, boolean create) {
    return new Options()
        .createIfMissing(create)
        .writeBufferSize(WRITE_BUFFER_BYTES)
        .cacheSize(BLOCK_CACHE_BYTES)
        .blockSize(BLOCK_BYTES)
        .maxOpenFiles(MAX_OPEN_FILES)
        .compressionType(engine.compression())
        .verifyChecksums(true);
  }

  private static FileChannel lock(Path folder) throws IOException {
    Path path = folder.resolve(LOCK_FILE);
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    FileLock held;
    try {
      held = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      held = null;
    }
    if (held == null) {
      channel.close();
      String owner = Files.readString(path, StandardCharsets.UTF_8).strip();
      throw new StorageException(
          "data directory "
              + folder
              + " is in use by another process"
              + (owner.isEmpty() ? "" : " (pid " + owner + ")")
              + "; stop it, or choose another directory");
    }
    channel.truncate(0);
    String pid = ProcessHandle.current().pid() + "\n";
    channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)), 0);
    return channel;
  }

  private static boolean isUsed(Path folder) throws IOException {
    if (Files.exists(folder.resolve(ENGINE_FILE))) return true;
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(f -> {
        String name = f.getFileName().toString();
        return name.equals("CURRENT") || name.startsWith("MANIFEST-") || isTable(f);
      });
    }
  }

  private static Engine engine(Path folder, boolean used, Engine wanted) throws IOException {
    Path libraries = folder.resolve(NATIVE_FOLDER);
    Path file = folder.resolve(ENGINE_FILE);
    if (!used) {
      Files.createDirectories(libraries);
      String why = Engine.NATIVE.whyUnavailable(libraries);
      Engine engine = wanted != null ? wanted : why == null ? Engine.NATIVE : Engine.JAVA;
      if (engine == Engine.JAVA && wanted == null) {
        LOG.info("native LevelDB does not load here, using the Java one: {}", why);
      }
      Files.writeString(file, engine.mark() + "\n");
      return engine;
    }
    if (!Files.exists(file)) {
      throw new StorageException(
          folder
              + " holds database files but no "
              + ENGINE_FILE
              + " file: it was not made by Semper, or the file was lost; choose another directory");
    }
    String mark = Files.readString(file).strip();
    Engine engine = Engine.ofMark(mark);
    if (engine == null) {
      throw new StorageException(
          file
              + " names an unknown engine '"
              + mark
              + "'; use the version of Semper that wrote it");
    }
    if (wanted != null && wanted != engine) {
      throw new StorageException(
          folder + " was made by " + engine.mark() + " and cannot be opened by " + wanted.mark());
    }
    String why = engine.whyUnavailable(libraries);
    if (why != null) {
      throw new StorageException(
          folder
              + " was made by native LevelDB, which does not load on this machine ("
              + why
              + "); use it where it was made, or import the chain into a new directory");
    }
    return engine;
  }

  private static boolean isTable(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".sst") || name.endsWith(".ldb");
  }

  /// The tables of a folder, and when each was last written to.
  static Map<Path, FileTime> tables(Path folder) throws IOException {
    Map<Path, FileTime> tables = new HashMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path table : files.filter(LevelDbStore::isTable).toList()) {
        tables.put(table, Files.getLastModifiedTime(table));
      }
    }
    return tables;
  }

  /// Tables that were there before opening and still are belong to the database; one left
  /// unfinished by a crash has been removed by the native engine, or its name given to one that is
  /// being written now, since no record of it was made. (The Java one leaves it lying there, and
  /// notices a cut table when it first reads it.) Each must end with the mark that is written last.
  static void checkTables(Path folder, Map<Path, FileTime> tables) throws IOException {
    for (Path table : tables.keySet()) {
      try (RandomAccessFile file = new RandomAccessFile(table.toFile(), "r")) {
        long length = file.length();
        if (length >= 8) {
          file.seek(length - 8);
          if (Long.reverseBytes(file.readLong()) == TABLE_MAGIC) continue;
        }
        if (!Files.getLastModifiedTime(table).equals(tables.get(table))) continue;
        throw damaged(
            folder, table.getFileName() + " of " + length + " bytes is cut off or overwritten");
      } catch (FileNotFoundException | NoSuchFileException removed) {
        // It is no part of the database, or no longer.
      }
    }
  }

  private static void checkProgress(Path folder, Progress progress, long batches) {
    if (batches < progress.synced()) {
      throw damaged(
          folder,
          "its newest writes are missing: it ends at batch "
              + batches
              + ", though batch "
              + progress.synced()
              + " was safely stored. A file has been truncated, removed or replaced by an older"
              + " one. To go on from the older state, delete the file "
              + Progress.FILE);
    }
    if (batches < progress.written()) {
      LOG.warn(
          "the last {} writes before the machine stopped did not reach the disk of {};"
              + " going on from the state before them",
          progress.written() - batches,
          folder);
    }
  }

  private static StorageException damaged(Path folder, String what) {
    return new StorageException(
        "the database in "
            + folder
            + " is damaged: "
            + what
            + ". Restore the directory from a copy, or move it away and import the chain again");
  }

  private static long batchNumber(byte[] value) {
    return value == null ? 0 : BigEndian.getLong(value, 0);
  }

  @Override
  public byte[] get(byte[] key) {
    Lock open = enter();
    try {
      return engine.unseal(key, db.get(key, CHECKED));
    } catch (RuntimeException e) {
      throw explain(folder, "read", e);
    } finally {
      open.unlock();
    }
  }

  @Override
  public synchronized void write(WriteBatch batch, boolean sync) {
    Lock open = enter();
    try {
      if (failed != null) {
        throw StorageException.after(failed);
      }
      checkSpace(folder);
      long number = batches + 1;
      try (org.iq80.leveldb.WriteBatch engineBatch = db.createWriteBatch()) {
        batch.forEachByKey((key, value) -> {
          if (value == null) {
            engineBatch.delete(key);
          } else {
            engineBatch.put(key, engine.seal(key, value));
          }
        });
        byte[] stamp = new byte[8];
        BigEndian.putLong(stamp, 0, number);
        engineBatch.put(Schema.BATCH_NUMBER, engine.seal(Schema.BATCH_NUMBER, stamp));
        db.write(engineBatch, new WriteOptions().sync(sync));
        batches = number;
        progress.advance(number, sync);
      } catch (IOException | RuntimeException e) {
        failed = explain(folder, "write to", e);
        throw failed;
      }
    } finally {
      open.unlock();
    }
  }

  @Override
  public Cursor cursor() {
    Lock open = enter();
    try {
      DbCursor cursor = new DbCursor(db.iterator(CHECKED));
      cursors.add(cursor);
      return cursor;
    } catch (RuntimeException e) {
      throw explain(folder, "read", e);
    } finally {
      open.unlock();
    }
  }

  @Override
  public long approximateBytes() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(LevelDbStore::sizeOrZero).sum();
    } catch (IOException e) {
      throw explain(folder, "read", e);
    }
  }

  private static long sizeOrZero(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (IOException removedMeanwhile) {
      return 0;
    }
  }

  @Override
  public long approximateBytes(byte[] from, byte[] to) {
    Lock open = enter();
    try {
      return db.getApproximateSizes(new Range(from, to))[0];
    } finally {
      open.unlock();
    }
  }

  @Override
  public String statistics() {
    Lock open = enter();
    try {
      String stats = db.getProperty("leveldb.stats");
      return engine.mark() + " in " + folder + (stats == null ? "" : "\n" + stats.stripTrailing());
    } finally {
      open.unlock();
    }
  }

  @Override
  public synchronized void close() {
    try {
      end();
    } finally {
      closeQuietly(lockFile);
    }
  }

  /// What is done with the files of a database that is closed.
  public interface FolderWork {
    void run() throws IOException;
  }

  /// Closes the database, and has work done before any other process can open it.
  public synchronized void closeThen(FolderWork work) throws IOException {
    try {
      end();
      work.run();
    } finally {
      closeQuietly(lockFile);
    }
  }

  private void end() {
    closing.writeLock().lock();
    try {
      if (closed) return;
      closed = true;
      for (DbCursor cursor : cursors) cursor.release();
      if (failed == null) {
        try (org.iq80.leveldb.WriteBatch last = db.createWriteBatch()) {
          byte[] stamp = new byte[8];
          BigEndian.putLong(stamp, 0, batches + 1);
          last.put(Schema.BATCH_NUMBER, engine.seal(Schema.BATCH_NUMBER, stamp));
          db.write(last, new WriteOptions().sync(true));
          progress.advance(batches + 1, true);
        } catch (IOException | RuntimeException e) {
          failed = explain(folder, "close", e);
        }
      }
      closeQuietly(db, progress);
      if (failed != null) throw failed;
    } finally {
      closing.writeLock().unlock();
    }
  }

  private Lock enter() {
    Lock open = closing.readLock();
    open.lock();
    if (closed) {
      open.unlock();
      throw new StorageException("the database in " + folder + " is closed");
    }
    return open;
  }

  private static void closeQuietly(AutoCloseable... resources) {
    for (AutoCloseable resource : resources) {
      try {
        if (resource != null) resource.close();
      } catch (Exception e) {
        LOG.warn("while closing the database: {}", e.toString());
      }
    }
  }

  private static StorageException explain(Path folder, String action, Exception e) {
    String message = String.valueOf(e.getMessage());
    String lower = message.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left") || lower.contains("not enough space")) {
      return new StorageException(
          "no space left on the disk of " + folder + ": free some and start again", e);
    }
    // The Java engine reports what it cannot make sense of by failing its own checks.
    if (e instanceof IllegalArgumentException
        || e instanceof IllegalStateException
        || e instanceof IndexOutOfBoundsException
        || lower.contains("corrupt")
        || lower.contains("checksum")
        || lower.contains("truncated")
        || lower.contains("sstable")
        || lower.contains("magic")
        || lower.contains("does not exist")
        || lower.contains("no such file")) {
      StorageException damaged = damaged(folder, message);
      damaged.initCause(e);
      return damaged;
    }
    return new StorageException("cannot " + action + " the database in " + folder + ": " + e, e);
  }

  private final class DbCursor implements Cursor {
    private final DBIterator iterator;
    private boolean released;
    private byte[] key;
    private byte[] value;

    DbCursor(DBIterator iterator) {
      this.iterator = iterator;
    }

    @Override
    public boolean seek(byte[] target) {
      Lock open = enter();
      try {
        iterator.seek(target);
        return step();
      } catch (RuntimeException e) {
        throw explain(folder, "read", e);
      } finally {
        open.unlock();
      }
    }

    @Override
    public boolean next() {
      Lock open = enter();
      try {
        return step();
      } catch (RuntimeException e) {
        throw explain(folder, "read", e);
      } finally {
        open.unlock();
      }
    }

    private boolean step() {
      if (!iterator.hasNext()) {
        key = null;
        value = null;
        return false;
      }
      var entry = iterator.next();
      key = entry.getKey();
      value = engine.unseal(key, entry.getValue());
      return true;
    }

    @Override
    public byte[] key() {
      if (key == null) throw new NoSuchElementException();
      return key;
    }

    @Override
    public byte[] value() {
      if (key == null) throw new NoSuchElementException();
      return value;
    }

    @Override
    public void close() {
      Lock open = closing.readLock();
      open.lock();
      try {
        cursors.remove(this);
        release();
      } finally {
        open.unlock();
      }
    }

    private synchronized void release() {
      if (released) return;
      released = true;
      closeQuietly(iterator);
    }
  }
}
