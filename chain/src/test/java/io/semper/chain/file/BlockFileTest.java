package io.semper.chain.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.UInt256;
import io.semper.core.fixtures.Fixtures;
import io.semper.core.rlp.MalformedInputException;
import io.semper.core.types.Block;
import io.semper.core.types.Header;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real chains as files, whole and damaged.
class BlockFileTest {
  private static final String SEPOLIA = "chains/sepolia-0-8191.era1";

  @TempDir Path folder;

  @Test
  void readsConcatenatedRlp() throws IOException {
    List<FileBlock> blocks = readAll(Fixtures.path("rpc-compat/chain.rlp"));

    assertThat(blocks).hasSize(54);
    assertThat(blocks.getLast().block().header().hash())
        .hasToString("0xd226371d0b1551adb03fb52b71f08e3e11247fe9b1af994768af8cdaa8e7dcd7");
    assertThat(blocks.getLast().totalDifficulty()).isNull();
    assertThat(blocks.getLast().receipts()).isNull();
  }

  @Test
  void readsAnEra1Archive() throws IOException {
    List<FileBlock> blocks = readAll(Fixtures.path(SEPOLIA));

    assertThat(blocks).hasSize(8192);
    FileBlock last = blocks.getLast();
    assertThat(last.block().header().number()).isEqualTo(8191);
    assertThat(last.block().header().hash())
        .hasToString("0x8e3e7dc9ef199c05683417b4aa572f0b7a8bcfafca7edb6045baabc01aa4fb0c");
    assertThat(last.receipts()).isEmpty();
    UInt256 sum = UInt256.ZERO;
    for (FileBlock block : blocks) {
      sum = sum.plus(block.block().header().difficulty());
    }
    assertThat(last.totalDifficulty()).isEqualTo(sum);
  }

  @Test
  void writesWhatItReads() throws IOException {
    Path source = Fixtures.path("rpc-compat/chain.rlp");
    Path copy = folder.resolve("copy.rlp");
    try (BlockFileWriter writer = BlockFileWriter.create(copy)) {
      for (FileBlock block : readAll(source)) {
        writer.write(block.block());
      }
    }

    assertThat(copy).hasSameBinaryContentAs(source);
  }

  @Test
  void readsAnEmptyFileAsNoBlocks() throws IOException {
    assertThat(readAll(write(new byte[0]))).isEmpty();
  }

  @Test
  void refusesWhatIsNeither() throws IOException {
    Path file = write("{\"config\": {}}".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> BlockFile.open(file))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining("neither concatenated RLP blocks nor an era1 file");
  }

  @Test
  void namesTheBlockThatIsCutOff() throws IOException {
    byte[] three = threeBlocks();
    Path file = write(Arrays.copyOf(three, three.length - 1));

    assertThatThrownBy(() -> readAll(file))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining("block 8 is cut off");
  }

  @Test
  void refusesALengthBeforeTakingMemoryForIt() throws IOException {
    byte[] bytes = threeBlocks();
    Path huge = write(new byte[] {(byte) 0xFF, 127, -1, -1, -1, -1, -1, -1, -1, 0});
    bytes[0] = 0x01;
    Path noList = folder.resolve("no-list");
    Files.write(noList, new byte[] {(byte) 0xC1, 0x01, 0x05});

    assertThatThrownBy(() -> readAll(huge))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining("at most 67108864 are taken");
    assertThatThrownBy(() -> readAll(noList))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining("the first block does not decode");
  }

  /// Each of these bytes is one that no hash in a header covers, or one chosen at random.
  @Test
  void noticesAnyChangedByteOfAnArchive() throws IOException {
    byte[] whole = Files.readAllBytes(Fixtures.path(SEPOLIA));
    int index = whole.length - (16 + 8 * 8192) - 8;
    List<Integer> positions = new ArrayList<>();
    for (int i = 0; i < 18; i++) {
      positions.add(i);
    }
    for (int i = -44; i < 24; i += 4) {
      positions.add(index + i);
    }
    positions.add(whole.length - 1);
    positions.add(whole.length - 8);
    Random random = new Random(3);
    for (int position : positions) {
      byte[] damaged = whole.clone();
      damaged[position] ^= (byte) (1 << random.nextInt(8));
      Path file = write(damaged);

      assertThatThrownBy(() -> readAll(file))
          .describedAs("byte " + position)
          .isInstanceOf(MalformedInputException.class);
    }
    assertThatThrownBy(() -> readAll(write(Arrays.copyOf(whole, whole.length - 1))))
        .isInstanceOf(MalformedInputException.class);
    assertThatThrownBy(() -> readAll(write(Arrays.copyOf(whole, whole.length + 1))))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining("bytes after the block index");
  }

  private static byte[] threeBlocks() {
    byte[] first = empty(6).encode();
    byte[] second = empty(7).encode();
    // Block 6 is the first in the file; what follows it is called by number.
    byte[] third = empty(8).encode();
    byte[] both = Arrays.copyOf(first, first.length + second.length + third.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    System.arraycopy(third, 0, both, first.length + second.length, third.length);
    return both;
  }

  private static Block empty(long number) {
    return new Block(Header.builder().number(number).build(), List.of(), List.of(), null);
  }

  private Path write(byte[] content) throws IOException {
    Path file = folder.resolve("file");
    Files.write(file, content);
    return file;
  }

  private static List<FileBlock> readAll(Path path) throws IOException {
    List<FileBlock> blocks = new ArrayList<>();
    try (BlockFile file = BlockFile.open(path)) {
      for (FileBlock block = file.next(); block != null; block = file.next()) {
        blocks.add(block);
      }
    }
    return blocks;
  }
}
