package io.semper.chain.file;

import io.semper.core.types.Block;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes blocks as concatenated RLP, the form that every client imports.
public final class BlockFileWriter implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final OutputStream out;

  private BlockFileWriter(OutputStream out) {
    this.out = out;
  }

  /// Creates the file, replacing one that exists.
  public static BlockFileWriter create(Path file) throws IOException {
    return new BlockFileWriter(new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES));
  }

  public void write(Block block) throws IOException {
    out.write(block.encode());
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
