package io.semper.chain.pool;

import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.PooledTransaction;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Admitted transactions on disk, so that a restart does not forget them: length-prefixed, appended
/// as they come, rewritten when most of the file is of the past.
///
/// A transaction that was cut off by the end of the process is dropped on reading.
final class PoolFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PoolFile.class);

  /// A longer record is damage.
  private static final int MAX_RECORD_BYTES = 16 << 20;

  private final Path path;
  private DataOutputStream out;
  private long bytes;

  PoolFile(Path path) {
    this.path = path;
  }

  /// Hands over every transaction of the file.
  void read(Consumer<PooledTransaction> each) {
    if (!Files.exists(path)) {
      return;
    }
    int count = 0;
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(path)))) {
      while (true) {
        int length = in.readInt();
        if (length <= 0 || length > MAX_RECORD_BYTES) {
          throw new MalformedInputException("record of " + length + " bytes", count);
        }
        byte[] record = in.readNBytes(length);
        if (record.length < length) {
          break;
        }
        try {
          each.accept(PooledTransaction.decode(record));
          count++;
        } catch (MalformedInputException e) {
          LOG.warn(
              "{}: a record after {} transactions is left out: {}", path, count, e.getMessage());
        }
      }
    } catch (EOFException end) {
      LOG.debug("read {} pooled transactions", count);
    } catch (IOException | MalformedInputException e) {
      LOG.warn("{}: {} transactions read, the rest is unreadable: {}", path, count, e.getMessage());
    }
  }

  void append(PooledTransaction transaction) {
    try {
      byte[] record = transaction.encode();
      if (out == null) {
        out =
            new DataOutputStream(
                Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        bytes = Files.size(path);
      }
      byte[] framed = new byte[record.length + 4];
      for (int i = 0; i < 4; i++) {
        framed[i] = (byte) (record.length >>> (24 - 8 * i));
      }
      System.arraycopy(record, 0, framed, 4, record.length);
      out.write(framed);
      bytes += framed.length;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path, e);
    }
  }

  long bytes() {
    return bytes;
  }

  /// Replaces the file's content, or leaves it as it is where that cannot be written.
  void rewrite(Collection<PooledTransaction> transactions) {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    try {
      close();
      try {
        Files.deleteIfExists(fresh);
        try (PoolFile copy = new PoolFile(fresh)) {
          Files.createFile(fresh);
          transactions.forEach(copy::append);
        }
        Files.move(
            fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(fresh); // of no use half written, and the disk may be full
      }
      bytes = Files.size(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path, e);
    }
  }

  @Override
  public void close() {
    try {
      if (out != null) {
        out.close();
        out = null;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close " + path, e);
    }
  }
}
