package io.semper.chain.file;

import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Block;
import java.io.IOException;
import java.nio.file.Path;

/// Blocks as RLP lists one after the other, as `export` writes them.
final class RlpBlockFile implements BlockFile {
  private final PositionedInput in;
  private long lastNumber = -1;

  RlpBlockFile(Path file) throws IOException {
    in = new PositionedInput(file);
  }

  @Override
  public FileBlock next() throws IOException {
    long start = in.position();
    int prefix = in.read();
    if (prefix < 0) {
      return null;
    }
    byte[] encoded = readItem(prefix, start);
    try {
      Block block = Block.decode(encoded);
      lastNumber = block.header().number();
      return new FileBlock(block, null, null);
    } catch (MalformedInputException e) {
      throw in.malformed(what() + " does not decode: " + e.getMessage(), start);
    }
  }

  private byte[] readItem(int prefix, long start) throws IOException {
    if (prefix < 0xC0) {
      throw in.malformed(what() + " is no RLP list", start);
    }
    int lengthBytes = Math.max(0, prefix - 0xF7);
    byte[] head = new byte[1 + lengthBytes];
    head[0] = (byte) prefix;
    in.readFully(head, 1, what());
    long length = prefix - 0xC0L;
    if (lengthBytes > 0) {
      length = 0;
      for (int i = 1; i <= lengthBytes; i++) {
        if (length > MAX_BLOCK_BYTES) {
          break;
        }
        length = length << 8 | (head[i] & 0xFF);
      }
    }
    in.checkLength(length, what(), start);
    byte[] item = new byte[head.length + (int) length];
    System.arraycopy(head, 0, item, 0, head.length);
    in.readFully(item, head.length, what());
    return item;
  }

  private String what() {
    return lastNumber < 0 ? "the first block" : "block " + (lastNumber + 1);
  }

  @Override
  public long position() {
    return in.position();
  }

  @Override
  public long size() {
    return in.size();
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
