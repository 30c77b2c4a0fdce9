package io.semper.p2p.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.rlp.MalformedInputException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnappyTest {
  private static byte[] back(byte[] compressed, int max) {
    return Snappy.decompress(compressed, 0, compressed.length, max);
  }

  @Test
  void whatIsCompressedComesBack() {
    Random random = new Random(1);
    for (int size : new int[] {0, 1, 4, 15, 16, 60, 61, 256, 257, 65_536, 65_537, 300_000}) {
      for (int letters : new int[] {1, 2, 8, 256}) {
        byte[] data = new byte[size];
        for (int i = 0; i < size; i++) {
          data[i] = (byte) random.nextInt(letters);
        }
        byte[] compressed = Snappy.compress(data, 0, size);
        assertThat(compressed.length).isLessThanOrEqualTo(Snappy.maxCompressedLength(size));
        assertThat(back(compressed, size)).isEqualTo(data);
      }
    }
  }

  /// A literal, and copies with one, two and four bytes of distance, as the format describes them.
  @ParameterizedTest
  @ValueSource(strings = {"0800610d01", "0800611a0100", "0800611b01000000"})
  void everyKindOfElement(String hex) {
    assertThat(back(HexFormat.of().parseHex(hex), 8)).isEqualTo("aaaaaaaa".getBytes(US_ASCII));
    for (String wrong :
        new String[] {hex + "00", hex.replace("01", "02"), hex.replace("01", "00")}) {
      assertThatThrownBy(() -> back(HexFormat.of().parseHex(wrong), 8))
          .isInstanceOf(MalformedInputException.class);
    }
  }

  /// T48: little that claims to be, or is, much.
  @Test
  void bombsAreRefusedBeforeAnythingIsAllocated() {
    byte[] bomb = Snappy.compress(new byte[10 << 20], 0, 10 << 20);
    assertThat(bomb.length).isLessThan(600_000);
    byte[] claim = Varint.encode(1L << 31);
    byte[] lie = Varint.encode(1 << 20);
    long allocated =
        Allocations.of(() -> {
          assertThatThrownBy(() -> back(bomb, 1 << 20)).isInstanceOf(MalformedInputException.class);
          assertThatThrownBy(() -> back(claim, Integer.MAX_VALUE))
              .isInstanceOf(MalformedInputException.class);
          assertThatThrownBy(() -> back(lie, 1 << 20)).isInstanceOf(MalformedInputException.class);
        });
    assertThat(allocated).isLessThan(512 << 10);
  }
}
