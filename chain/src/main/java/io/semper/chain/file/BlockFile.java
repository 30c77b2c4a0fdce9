package io.semper.chain.file;

import io.semper.core.rlp.MalformedInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file of consecutive blocks, read front to back.
public sealed interface BlockFile extends AutoCloseable permits RlpBlockFile, Era1File {
  /// Larger than any block the networks' gas limits allow (EIP-7934 caps them at 8 MiB since
  /// Osaka); keeps a damaged length from allocating all memory.
  int MAX_BLOCK_BYTES = 64 << 20;

  /// Opens a file of either form, told apart by its first byte.
  ///
  /// @throws MalformedInputException where it is of neither
  static BlockFile open(Path file) throws IOException {
    int first;
    try (InputStream in = Files.newInputStream(file)) {
      first = in.read();
    }
    if (first >= 0xC0 || first < 0) {
      return new RlpBlockFile(file);
    }
    if (first == Era1File.FIRST_BYTE) {
      return new Era1File(file);
    }
    throw new MalformedInputException(
        file.getFileName() + " is neither concatenated RLP blocks nor an era1 file", 0);
  }

  /// The next block, or `null` after the last.
  ///
  /// @throws MalformedInputException where the file is damaged; the message names file, block and
  ///   position
  FileBlock next() throws IOException;

  /// Bytes read so far.
  long position();

  /// Bytes in all.
  long size();

  @Override
  void close() throws IOException;
}
