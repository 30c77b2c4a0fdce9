package io.semper.chain.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Hex;
import io.semper.core.rlp.MalformedInputException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/// The Snappy framing format, chunk by chunk.
class SnappyFramesTest {
  private static final String IDENTIFIER = "ff060000734e61507059";
  private static final int MAX_BYTES = 1 << 20;

  @Test
  void readsAnUncompressedChunk() {
    byte[] content = "semper".getBytes(StandardCharsets.US_ASCII);

    assertThat(decode(chunk(1, content, content))).isEqualTo(content);
  }

  @Test
  void readsLiteralsAndOverlappingCopies() {
    // length 12, literal "abc", copy of 9 bytes from 3 back
    byte[] block = Hex.decode("0c" + "08616263" + "15" + "03");
    byte[] content = "abcabcabcabc".getBytes(StandardCharsets.US_ASCII);

    assertThat(decode(chunk(0, block, content))).isEqualTo(content);
  }

  @Test
  void readsCopiesWithLongOffsets() {
    byte[] block = Hex.decode("08" + "0c61626364" + "0e" + "0400");
    byte[] wide = Hex.decode("08" + "0c61626364" + "0f" + "04000000");
    byte[] content = "abcdabcd".getBytes(StandardCharsets.US_ASCII);

    assertThat(decode(chunk(0, block, content))).isEqualTo(content);
    assertThat(decode(chunk(0, wide, content))).isEqualTo(content);
  }

  @Test
  void joinsChunks() {
    byte[] half = new byte[70_000 / 2];

    assertThat(decode(chunk(1, half, half) + chunk(1, half, half))).hasSize(70_000);
  }

  @Test
  void refusesWhatIsNoStream() {
    assertRefused("", "identifier missing");
    assertRefused("ff060000734e61507058", "identifier missing");
    assertRefused(IDENTIFIER + "01", "chunk cut off");
    assertRefused(IDENTIFIER + "0109000000000000", "cut off");
    assertRefused(IDENTIFIER + "fe04000000000000", "unknown type 254");
  }

  @Test
  void refusesAWrongChecksum() {
    byte[] content = "semper".getBytes(StandardCharsets.US_ASCII);
    byte[] other = "sempes".getBytes(StandardCharsets.US_ASCII);

    assertRefused(IDENTIFIER + chunk(1, other, content), "checksum does not match");
  }

  @Test
  void refusesDamagedBlocks() {
    byte[] content = "abcabcabcabc".getBytes(StandardCharsets.US_ASCII);

    assertDamaged("0d" + "08616263" + "15" + "03", content, "less data than the length says");
    assertDamaged("0c" + "08616263" + "15" + "04", content, "copy out of bounds");
    assertDamaged("0c" + "08616263" + "15" + "00", content, "copy out of bounds");
    assertDamaged("0c" + "f0", content, "element cut short");
    assertDamaged("0c" + "2c6162", content, "literal out of bounds");
    assertDamaged("ffffffff0f", content, "uncompressed length 4294967295 out of bounds");
  }

  @Test
  void boundsTheContent() {
    byte[] content = new byte[1000];

    assertThatThrownBy(
            () -> SnappyFrames.decode(Hex.decode(IDENTIFIER + chunk(1, content, content)), 999))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining("exceeds 999 bytes");
  }

  private static void assertDamaged(String block, byte[] content, String message) {
    assertRefused(IDENTIFIER + chunk(0, Hex.decode(block), content), message);
  }

  private static void assertRefused(String stream, String message) {
    assertThatThrownBy(() -> SnappyFrames.decode(Hex.decode(stream), MAX_BYTES))
        .isInstanceOf(MalformedInputException.class)
        .hasMessageContaining(message);
  }

  private static byte[] decode(String chunks) {
    return SnappyFrames.decode(Hex.decode(IDENTIFIER + chunks), MAX_BYTES);
  }

  private static String chunk(int kind, byte[] stored, byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xA282EAD8;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = stored.length + 4;
    out.write(kind);
    for (int i = 0; i < 3; i++) {
      out.write(length >>> (8 * i));
    }
    for (int i = 0; i < 4; i++) {
      out.write(masked >>> (8 * i));
    }
    out.writeBytes(stored);
    return Hex.encode(out.toByteArray()).substring(2);
  }
}
