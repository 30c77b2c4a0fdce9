package io.semper.node.monitor;

import io.semper.chain.db.LevelDbStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What is left of the disk on which a node keeps its chain: too little is said before a write
/// fails, after which the node would import nothing until it is started again.
public final class FreeSpace {
  /// Twice what the database itself leaves free; a busy network writes the rest in hours, not
  /// minutes.
  static final long MIN_BYTES = 2 * LevelDbStore.RESERVED_DISK_BYTES;

  private final Path directory;
  private final Disk disk;

  /// How much of a disk can be written.
  interface Disk {
    long usableBytes(Path directory) throws IOException;
  }

  public static FreeSpace of(Path directory) {
    return new FreeSpace(directory, path -> Files.getFileStore(path).getUsableSpace());
  }

  FreeSpace(Path directory, Disk disk) {
    this.directory = directory;
    this.disk = disk;
  }

  /// Empty while there is enough.
  public Optional<String> problem() {
    try {
      long left = disk.usableBytes(directory);
      return left >= MIN_BYTES
          ? Optional.empty()
          : Optional.of(
              (left >> 20)
                  + " MiB are left for "
                  + directory
                  + ", less than "
                  + (MIN_BYTES >> 20)
                  + ": soon no block can be written");
    } catch (IOException e) {
      return Optional.of("the disk of " + directory + " cannot be looked at: " + e.getMessage());
    }
  }

  /// -1 where the disk cannot be looked at.
  public long bytes() {
    try {
      return disk.usableBytes(directory);
    } catch (IOException e) {
      return -1;
    }
  }
}
