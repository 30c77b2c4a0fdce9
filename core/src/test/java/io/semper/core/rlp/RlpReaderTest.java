package io.semper.core.rlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// Strictness beyond the official vectors: numbers, fixed widths, nesting, damaged input.
class RlpReaderTest {

  @Test
  void numbersAreCanonical() {
    assertThat(reader("80").readUnsignedLong()).isZero();
    assertThat(reader("7f").readUnsignedLong()).isEqualTo(127);
    assertThat(reader("8180").readUnsignedLong()).isEqualTo(128);
    assertThat(reader("88ffffffffffffffff").readUnsignedLong()).isEqualTo(-1);
    assertThat(reader("887fffffffffffffff").readLong()).isEqualTo(Long.MAX_VALUE);
    assertThat(reader("a0" + "ff".repeat(32)).readNumber()).isEqualTo(UInt256.MAX);
    malformed(() -> reader("00").readUnsignedLong());
    malformed(() -> reader("820001").readNumber());
    malformed(() -> reader("89010000000000000000").readUnsignedLong());
    malformed(() -> reader("888000000000000000").readLong());
    malformed(() -> reader("a101" + "00".repeat(32)).readNumber());
    malformed(() -> reader("c0").readNumber());
  }

  @Test
  void fixedWidthsAreExact() {
    assertThat(reader("94" + "11".repeat(20)).readAddress()).isEqualTo(Address.of("11".repeat(20)));
    assertThat(reader("80").readAddressOrEmpty()).isNull();
    malformed(() -> reader("80").readAddress());
    malformed(() -> reader("93" + "11".repeat(19)).readAddressOrEmpty());
    malformed(() -> reader("95" + "11".repeat(21)).readAddress());
    malformed(() -> reader("9f" + "11".repeat(31)).readHash());
    malformed(() -> reader("8211").readBytes(2));
    malformed(() -> reader("8411223344").readBytesUpTo(3));
  }

  @Test
  void listsEndWhereTheirPrefixSays() {
    RlpReader in = reader("c3010203");
    in.enterList();
    assertThat(in.readUnsignedLong()).isEqualTo(1);
    malformed(in::leaveList);
    malformed(() -> reader("c3010203").readBytes());
    malformed(() -> reader("8101").enterList());
    // An item of the inner list must not reach into the outer one.
    RlpReader nested = reader("c4c1820102");
    nested.enterList();
    nested.enterList();
    malformed(nested::readBytes);
    malformed(() -> {
      RlpReader trailing = reader("0102");
      trailing.skip();
      trailing.end();
    });
  }

  @Test
  void nestingIsBounded() {
    byte[] deep = nested(RlpReader.MAX_DEPTH);
    assertThat(RlpVectorsTest.readWhole(deep)).isEqualTo(deep);
    byte[] deeper = nested(RlpReader.MAX_DEPTH + 1);
    malformed(() -> RlpVectorsTest.readWhole(deeper));
  }

  /// The error points at the item that is wrong.
  @Test
  void errorsCarryTheOffset() {
    RlpReader in = reader("c401820001");
    in.enterList();
    in.skip();
    assertThatThrownBy(in::readNumber)
        .isInstanceOfSatisfying(
            MalformedInputException.class, e -> assertThat(e.offset()).isEqualTo(2))
        .hasMessageContaining("leading zero");
  }

  /// Whatever arrives, the outcome is a value or the one exception, and a value is canonical.
  @Test
  void anyBytesDecodeCanonicallyOrAreMalformed() {
    Random random = new Random(3);
    int accepted = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] input = new byte[1 + random.nextInt(12)];
      random.nextBytes(input);
      if (random.nextBoolean()) {
        input[0] = (byte) (0xC0 + input.length - 1);
      }
      try {
        byte[] again = RlpVectorsTest.readWhole(input);
        assertThat(again).isEqualTo(input);
        accepted++;
      } catch (MalformedInputException malformed) {
        assertThat(malformed.offset()).isBetween(0, input.length);
      }
    }
    assertThat(accepted).isGreaterThan(1000);
  }

  @Test
  void writerAndReaderAgreeOnEveryLengthOfPrefix() {
    Random random = new Random(4);
    for (int length : new int[] {0, 1, 55, 56, 255, 256, 65_535, 65_536, 1 << 24}) {
      byte[] content = new byte[length];
      random.nextBytes(content);
      byte[] encoded =
          new RlpWriter(1).startList().bytes(content).hash(Hash32.ZERO).endList().toBytes();
      RlpReader in = new RlpReader(encoded);
      in.enterList();
      assertThat(Arrays.equals(in.readBytes(), content)).isTrue();
      assertThat(in.readHash()).isEqualTo(Hash32.ZERO);
      in.leaveList();
      in.end();
      assertThat(Arrays.equals(RlpVectorsTest.readWhole(encoded), encoded)).isTrue();
    }
  }

  private static byte[] nested(int depth) {
    RlpWriter out = new RlpWriter(1);
    for (int i = 0; i < depth; i++) {
      out.startList();
    }
    for (int i = 0; i < depth; i++) {
      out.endList();
    }
    return out.toBytes();
  }

  private static RlpReader reader(String hex) {
    return new RlpReader(Hex.decode(hex));
  }

  private static void malformed(ThrowingCallable read) {
    assertThatThrownBy(read).isInstanceOf(MalformedInputException.class);
  }
}
