package io.semper.chain.db;

import io.semper.core.bytes.BigEndian;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// How far writing had come, kept in a small file beside the database.
///
/// LevelDB takes a log that ends early for the work of a crash and goes on without its last
/// batches, whether the process was killed in the middle of a write or somebody truncated the file.
/// Every batch therefore carries its number; this file holds the number of the last batch written
/// and of the last one known to be on disk. A database that ends before the latter is damaged.
final class Progress implements AutoCloseable {
  static final String FILE = "PROGRESS";

  private static final int BYTES = 16;

  private final FileChannel channel;
  private long written;
  private long synced;

  private Progress(FileChannel channel, long written, long synced) {
    this.channel = channel;
    this.written = written;
    this.synced = synced;
  }

  static Progress open(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    ByteBuffer buffer = ByteBuffer.allocate(BYTES);
    int read = channel.read(buffer, 0);
    byte[] bytes = buffer.array();
    return read == BYTES
        ? new Progress(channel, BigEndian.getLong(bytes, 0), BigEndian.getLong(bytes, 8))
        : new Progress(channel, 0, 0);
  }

  long written() {
    return written;
  }

  long synced() {
    return synced;
  }

  /// Called when the engine has taken batch `number`.
  void advance(long number, boolean sync) throws IOException {
    written = number;
    if (sync) synced = number;
    byte[] bytes = new byte[BYTES];
    BigEndian.putLong(bytes, 0, written);
    BigEndian.putLong(bytes, 8, synced);
    channel.write(ByteBuffer.wrap(bytes), 0);
  }

  @Override
  public void close() throws IOException {
    channel.force(false);
    channel.close();
  }
}
