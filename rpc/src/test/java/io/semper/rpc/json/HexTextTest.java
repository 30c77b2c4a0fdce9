package io.semper.rpc.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import io.semper.core.bytes.Hex;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The same text whatever it is written to, wherever that one's buffer ends.
class HexTextTest {
  private static final JsonFactory JSON = new JsonFactory();

  /// Every byte, and lengths on both sides of a generator's buffer of 8,000.
  private static List<byte[]> values() {
    List<byte[]> values = new ArrayList<>();
    byte[] each = new byte[256];
    for (int i = 0; i < each.length; i++) {
      each[i] = (byte) i;
    }
    values.add(each);
    Random random = new Random(1);
    for (int length : new int[] {0, 1, 20, 32, 1_000, 3_997, 3_998, 3_999, 4_000, 20_000}) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      values.add(bytes);
    }
    for (int i = 0; i < 300; i++) {
      byte[] bytes = new byte[random.nextInt(60)];
      random.nextBytes(bytes);
      values.add(bytes);
    }
    return values;
  }

  private static void write(JsonGenerator out, List<byte[]> values) throws IOException {
    out.writeStartArray();
    for (byte[] value : values) {
      Json.write(out, value);
    }
    out.writeEndArray();
  }

  private static String expected(List<byte[]> values) {
    List<String> texts = values.stream().map(value -> '"' + Hex.encode(value) + '"').toList();
    return "[" + String.join(",", texts) + "]";
  }

  @Test
  void toBytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      write(out, values());
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo(expected(values()));
  }

  @Test
  void toCharacters() throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      write(out, values());
    }
    assertThat(text).hasToString(expected(values()));
  }

  @Test
  void toATree() throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    try (TokenBuffer tokens = new TokenBuffer(mapper, false)) {
      write(tokens, values());
      assertThat(mapper.readTree(tokens.asParser()).toString()).isEqualTo(expected(values()));
    }
  }

  @Test
  void nothingIsWrittenWhereThereIsNoRoom() throws IOException {
    HexText text = new HexText(new byte[] {0x12, (byte) 0xAB});
    assertThat(text.appendQuotedUTF8(new byte[10], 5)).isEqualTo(-1);
    assertThat(text.appendQuoted(new char[10], 5)).isEqualTo(-1);
    assertThat(text.putQuotedUTF8(ByteBuffer.allocate(5))).isEqualTo(-1);
    byte[] bytes = new byte[10];
    assertThat(text.appendQuotedUTF8(bytes, 4)).isEqualTo(6);
    assertThat(new String(bytes, 4, 6, StandardCharsets.US_ASCII)).isEqualTo("0x12ab");
    ByteBuffer buffer = ByteBuffer.allocate(6);
    assertThat(text.putQuotedUTF8(buffer)).isEqualTo(6);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(text.writeQuotedUTF8(out)).isEqualTo(6);
    assertThat(out.toByteArray()).isEqualTo(buffer.array());
  }
}
