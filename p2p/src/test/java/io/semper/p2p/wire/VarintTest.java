package io.semper.p2p.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.semper.core.rlp.MalformedInputException;
import io.semper.p2p.protocol.Delimited;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Attack T30: lengths that are none, or of which nothing comes.
class VarintTest {
  @Test
  void numbersOfEveryLength() throws IOException {
    for (int bits = 0; bits < 63; bits++) {
      for (long value : new long[] {1L << bits, (1L << bits) - 1}) {
        byte[] encoded = Varint.encode(value);
        assertThat(encoded).hasSize(Varint.size(value));
        assertThat(Varint.read(ByteBuffer.wrap(encoded))).isEqualTo(value);
        assertThat(Varint.read(new Replay(encoded), value)).isEqualTo(value);
        assertThat(Varint.read(new ByteArrayInputStream(encoded), value)).isEqualTo(value);
      }
    }
    assertThat(Varint.read(new Replay(new byte[0]), 5)).isEqualTo(-1);
  }

  /// Not minimal, longer than nine bytes, without an end.
  @ParameterizedTest
  @ValueSource(strings = {"8000", "ff00", "80808000", "80808080808080808001", "ffffffffffffffffff"})
  void otherFormsAreRefused(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThatThrownBy(() -> Varint.read(ByteBuffer.wrap(bytes)))
        .isInstanceOf(MalformedInputException.class);
    assertThatThrownBy(() -> Varint.read(new Replay(bytes), Long.MAX_VALUE))
        .isInstanceOf(MalformedInputException.class);
    byte[] cut = Arrays.copyOf(new byte[] {(byte) 0x80}, 1);
    assertThatThrownBy(() -> Varint.read(new Replay(cut), 99)).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> Varint.read(new Replay(Varint.encode(100)), 99))
        .isInstanceOf(MalformedInputException.class);
  }

  @Test
  void aLengthAllocatesNothing() {
    byte[] claim = Varint.encode(1 << 30);
    long allocated =
        Allocations.of(() ->
            assertThatThrownBy(() -> Delimited.read(new Replay(claim), Integer.MAX_VALUE))
                .isInstanceOf(EOFException.class));
    assertThat(allocated).isLessThan(512 << 10);
    byte[] field = {0x0a, -1, -1, -1, -1, 7};
    ProtoReader in = new ProtoReader(field);
    assertThat(in.next()).isTrue();
    assertThatThrownBy(() -> in.bytes(Integer.MAX_VALUE))
        .isInstanceOf(MalformedInputException.class);
  }
}
