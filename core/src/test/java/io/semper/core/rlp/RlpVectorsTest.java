package io.semper.core.rlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import io.semper.core.fixtures.Fixtures;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// The official RLPTests: every valid encoding both ways, every invalid one refused.
class RlpVectorsTest {

  @Test
  void officialVectors() {
    AtomicInteger valid = new AtomicInteger();
    AtomicInteger invalid = new AtomicInteger();
    Fixtures.readJson(
        "ethereum-tests-state.tar.xz",
        name -> name.contains("RLPTests/"),
        (file, cases) ->
            cases
                .properties()
                .forEach(test -> {
                  JsonNode in = test.getValue().get("in");
                  byte[] encoded = Hex.decode(test.getValue().get("out").asText());
                  if (in.isTextual() && in.asText().equals("INVALID")) {
                    invalid.incrementAndGet();
                    assertThatThrownBy(() -> readWhole(encoded))
                        .as(test.getKey())
                        .isInstanceOf(MalformedInputException.class);
                    return;
                  }
                  valid.incrementAndGet();
                  assertThat(readWhole(encoded)).as(test.getKey()).isEqualTo(encoded);
                  if (!in.asText().equals("VALID")) {
                    RlpWriter out = new RlpWriter(1);
                    write(out, in);
                    assertThat(out.toBytes()).as(test.getKey()).isEqualTo(encoded);
                  }
                }));
    assertThat(valid).hasValue(29);
    assertThat(invalid).hasValue(26);
  }

  /// Reads an item of any shape down to its last string and writes what it read.
  static byte[] readWhole(byte[] encoded) {
    RlpReader in = new RlpReader(encoded);
    RlpWriter out = new RlpWriter(1);
    copy(in, out);
    in.end();
    return out.toBytes();
  }

  private static void copy(RlpReader in, RlpWriter out) {
    if (!in.nextIsList()) {
      out.bytes(in.readBytes());
      return;
    }
    in.enterList();
    out.startList();
    while (in.hasNext()) {
      copy(in, out);
    }
    in.leaveList();
    out.endList();
  }

  /// Strings are text, `#` and digits are a number too big for JSON.
  private static void write(RlpWriter out, JsonNode value) {
    if (value.isArray()) {
      out.startList();
      value.forEach(item -> write(out, item));
      out.endList();
    } else if (value.isNumber()) {
      out.number(value.asLong());
    } else if (value.asText().startsWith("#")) {
      BigInteger number = new BigInteger(value.asText().substring(1));
      if (number.bitLength() <= 256) {
        out.number(UInt256.of(number));
      } else {
        byte[] bytes = number.toByteArray();
        out.bytes(bytes, bytes[0] == 0 ? 1 : 0, bytes.length - (bytes[0] == 0 ? 1 : 0));
      }
    } else {
      out.bytes(value.asText().getBytes(StandardCharsets.UTF_8));
    }
  }
}
