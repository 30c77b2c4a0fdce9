package io.semper.chain.file;

import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.rlp.RlpReader;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import io.semper.core.types.Receipt;
import io.semper.core.types.Roots;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// An era1 archive: up to 8,192 pre-merge blocks with receipts and total difficulty.
///
/// The file is a sequence of e2store entries (type, length, content): a version, then per block
/// header, body, receipts (each RLP in snappy frames) and total difficulty, then the accumulator
/// over all header hashes and total difficulties, and an index of the blocks' positions. Everything
/// the file repeats is compared: numbers and parent hashes follow each other, total difficulties
/// add up, receipts lead to the header's root, accumulator and index are those of the blocks read.
final class Era1File implements BlockFile {
  static final int FIRST_BYTE = 0x65;

  private static final int VERSION = 0x3265;
  private static final int HEADER = 0x03;
  private static final int BODY = 0x04;
  private static final int RECEIPTS = 0x05;
  private static final int TOTAL_DIFFICULTY = 0x06;
  private static final int ACCUMULATOR = 0x07;
  private static final int INDEX = 0x3266;
  private static final int ENTRY_HEADER_BYTES = 8;
  private static final int MAX_BLOCKS = Accumulator.MAX_BLOCKS;

  private final PositionedInput in;
  private final List<Long> starts = new ArrayList<>();
  private final Accumulator accumulator = new Accumulator();
  private Header previous;
  private UInt256 previousTotal;
  private long entryStart;
  private int entryType;
  private boolean ended;

  Era1File(Path file) throws IOException {
    in = new PositionedInput(file);
    byte[] version = readEntry();
    if (entryType != VERSION || version.length != 0) {
      throw in.malformed("no era1 file: the version entry is damaged", 0);
    }
  }

  @Override
  public FileBlock next() throws IOException {
    if (ended) {
      return null;
    }
    byte[] content = readEntry();
    if (entryType == ACCUMULATOR && previous != null) {
      readEnd(content);
      ended = true;
      return null;
    }
    if (starts.size() == MAX_BLOCKS) {
      throw damaged("more than " + MAX_BLOCKS + " blocks");
    }
    expect(HEADER, "the header");
    starts.add(entryStart);
    Header header = decodeHeader(content);
    Block block = readBody(header);
    List<Receipt> receipts = readReceipts(header);
    UInt256 total = readTotalDifficulty(header);
    accumulator.add(header.hash(), total);
    previous = header;
    previousTotal = total;
    return new FileBlock(block, total, receipts);
  }

  private Header decodeHeader(byte[] content) {
    try {
      Header header = Header.decode(SnappyFrames.decode(content, MAX_BLOCK_BYTES));
      if (previous != null
          && (header.number() != previous.number() + 1
              || !header.parentHash().equals(previous.hash()))) {
        throw damaged("the header does not follow the one before it");
      }
      return header;
    } catch (MalformedInputException e) {
      throw damaged("the header does not decode: " + e.getMessage());
    }
  }

  private Block readBody(Header header) throws IOException {
    byte[] content = readEntry();
    expect(BODY, "the body");
    try {
      return Block.ofBody(header, SnappyFrames.decode(content, MAX_BLOCK_BYTES));
    } catch (MalformedInputException e) {
      throw damaged("the body does not decode: " + e.getMessage());
    }
  }

  private List<Receipt> readReceipts(Header header) throws IOException {
    byte[] content = readEntry();
    expect(RECEIPTS, "the receipts");
    List<Receipt> receipts = new ArrayList<>();
    try {
      RlpReader rlp = new RlpReader(SnappyFrames.decode(content, MAX_BLOCK_BYTES));
      rlp.enterList();
      while (rlp.hasNext()) {
        receipts.add(Receipt.decode(rlp.nextIsList() ? rlp.readRaw() : rlp.readBytes()));
      }
      rlp.leaveList();
      rlp.end();
    } catch (MalformedInputException e) {
      throw damaged("the receipts do not decode: " + e.getMessage());
    }
    Hash32 root = Roots.receipts(receipts);
    if (!root.equals(header.receiptsRoot())) {
      throw damaged("receipts of root " + root + ", header says " + header.receiptsRoot());
    }
    return List.copyOf(receipts);
  }

  private UInt256 readTotalDifficulty(Header header) throws IOException {
    byte[] content = readEntry();
    expect(TOTAL_DIFFICULTY, "the total difficulty");
    if (content.length != 32) {
      throw damaged("total difficulty of " + content.length + " bytes, expected 32");
    }
    UInt256 total = UInt256.of(reversed(content));
    if (previousTotal != null && !total.equals(previousTotal.plus(header.difficulty()))) {
      throw damaged(
          "total difficulty " + total + ", expected " + previousTotal.plus(header.difficulty()));
    }
    return total;
  }

  /// Accumulator and index, which must be all that is left.
  private void readEnd(byte[] content) throws IOException {
    if (content.length != 32 || !Hash32.of(content).equals(accumulator.root())) {
      throw damaged("the accumulator is not that of the blocks");
    }
    byte[] index = readEntry();
    long first = previous.number() - starts.size() + 1;
    ByteBuffer expected =
        ByteBuffer.allocate(16 + 8 * starts.size()).order(ByteOrder.LITTLE_ENDIAN);
    expected.putLong(first);
    for (long start : starts) {
      expected.putLong(start - entryStart);
    }
    expected.putLong(starts.size());
    if (entryType != INDEX || !ByteBuffer.wrap(index).equals(expected.flip())) {
      throw damaged("the block index is not that of the blocks");
    }
    if (in.position() != in.size()) {
      throw damaged("bytes after the block index");
    }
  }

  private byte[] readEntry() throws IOException {
    entryStart = in.position();
    byte[] head = new byte[ENTRY_HEADER_BYTES];
    in.readFully(head, 0, "an entry");
    ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    entryType = fields.getShort() & 0xFFFF;
    long length = fields.getInt() & 0xFFFF_FFFFL;
    if (fields.getShort() != 0) {
      throw damaged("reserved bytes of an entry are set");
    }
    in.checkLength(length, where() + "an entry", entryStart);
    byte[] content = new byte[(int) length];
    in.readFully(content, 0, "an entry");
    return content;
  }

  private void expect(int type, String what) {
    if (entryType != type) {
      throw damaged(what + " is missing, found an entry of type " + entryType);
    }
  }

  private MalformedInputException damaged(String problem) {
    return in.malformed(where() + problem, entryStart);
  }

  private String where() {
    return previous == null ? "" : "after block " + previous.number() + ", ";
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] out = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      out[i] = bytes[bytes.length - 1 - i];
    }
    return out;
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
