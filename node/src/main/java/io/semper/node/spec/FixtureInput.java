package io.semper.node.spec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// A JSON fixture as a stream of members, and the spellings of values that several generations of
/// fixtures use: with and without `0x`, with leading zeros, decimal, or marked `0x:bigint`.
public final class FixtureInput implements AutoCloseable {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              // Blocks of 10 MiB are strings of 20 MiB.
              StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private static final ObjectMapper TREES = new ObjectMapper(JSON);

  private static final String BIG_INTEGER_MARK = "0x:bigint ";

  private final JsonParser json;

  /// Starts before the first token of `in`, which stays open when this is closed.
  public FixtureInput(InputStream in) {
    try {
      json = JSON.createParser(in);
      json.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Reads the next object: `member` is called with each name and must read or skip its value.
  public void object(Consumer<String> member) {
    expect(next(), JsonToken.START_OBJECT);
    while (next() != JsonToken.END_OBJECT) {
      String name = currentName();
      member.accept(name);
    }
  }

  /// Reads the next array: `item` is called once for each and must read it. `null` is an empty one.
  public void array(Runnable item) {
    JsonToken start = next();
    if (start == JsonToken.VALUE_NULL) {
      return;
    }
    expect(start, JsonToken.START_ARRAY);
    while (peekInArray()) {
      item.run();
    }
  }

  <T> List<T> list(Supplier<T> item) {
    List<T> items = new ArrayList<>();
    array(() -> items.add(item.get()));
    return items;
  }

  // An array's items are entered by one token of look-ahead, which next() then hands out.
  private boolean ahead;

  private boolean peekInArray() {
    JsonToken token = advance();
    if (token == JsonToken.END_ARRAY) {
      return false;
    }
    ahead = true;
    return true;
  }

  /// Whether the next value is `null`, which is then consumed.
  boolean nextIsNull() {
    JsonToken token = next();
    if (token == JsonToken.VALUE_NULL) {
      return true;
    }
    ahead = true;
    return false;
  }

  void skip() {
    next();
    try {
      json.skipChildren();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  String text() {
    JsonToken token = next();
    if (token != JsonToken.VALUE_STRING && !token.isNumeric()) {
      throw malformed("expected a string, found " + token);
    }
    try {
      return json.getText();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  /// The next value, whatever it is.
  JsonNode tree() {
    next();
    try {
      return TREES.readTree(json);
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  int integer() {
    return number().intValueExact();
  }

  /// A number of any size; an empty string, or `0x` alone, is zero.
  BigInteger number() {
    String text = text();
    if (text.startsWith(BIG_INTEGER_MARK)) {
      text = text.substring(BIG_INTEGER_MARK.length());
    }
    try {
      if (text.startsWith("0x")) {
        return text.length() == 2 ? BigInteger.ZERO : new BigInteger(text.substring(2), 16);
      }
      return text.isEmpty() ? BigInteger.ZERO : new BigInteger(text);
    } catch (NumberFormatException e) {
      throw malformed("expected a number, found \"" + text + "\"");
    }
  }

  UInt256 word() {
    try {
      return UInt256.of(number());
    } catch (IllegalArgumentException e) {
      throw malformed(e.getMessage());
    }
  }

  /// An unsigned number of 64 bits.
  long unsignedLong() {
    UInt256 value = word();
    if (!value.fitsLong()) {
      throw malformed("expected at most 64 bits, found " + value);
    }
    return value.limb0();
  }

  byte[] bytes() {
    expect(next(), JsonToken.VALUE_STRING);
    try {
      return decode(json.getTextCharacters(), json.getTextOffset(), json.getTextLength());
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  Address address() {
    return address(text());
  }

  Address address(String text) {
    byte[] bytes = decode(text.toCharArray(), 0, text.length());
    if (bytes.length != Address.BYTES) {
      throw malformed("expected an address, found \"" + text + "\"");
    }
    return Address.of(bytes);
  }

  /// Up to 32 bytes, filled up from the left.
  Hash32 hash() {
    byte[] bytes = bytes();
    if (bytes.length > Hash32.BYTES) {
      throw malformed("expected a hash, found " + bytes.length + " bytes");
    }
    return UInt256.of(bytes).toHash32();
  }

  private byte[] decode(char[] text, int offset, int length) {
    int start = offset;
    int end = offset + length;
    if (length >= 2 && text[start] == '0' && text[start + 1] == 'x') {
      start += 2;
    }
    if ((end - start) % 2 != 0) {
      throw malformed("expected an even number of hexadecimal digits");
    }
    byte[] bytes = new byte[(end - start) / 2];
    for (int i = 0; i < bytes.length; i++) {
      int high = Character.digit(text[start + 2 * i], 16);
      int low = Character.digit(text[start + 2 * i + 1], 16);
      if ((high | low) < 0) {
        throw malformed("expected hexadecimal digits");
      }
      bytes[i] = (byte) (high << 4 | low);
    }
    return bytes;
  }

  private JsonToken next() {
    if (ahead) {
      ahead = false;
      return json.currentToken();
    }
    return advance();
  }

  private JsonToken advance() {
    try {
      JsonToken token = json.nextToken();
      if (token == null) {
        throw malformed("ends too early");
      }
      return token;
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  private String currentName() {
    try {
      return json.currentName();
    } catch (IOException e) {
      throw malformed(e);
    }
  }

  private void expect(JsonToken found, JsonToken wanted) {
    if (found != wanted) {
      throw malformed("expected " + wanted + ", found " + found);
    }
  }

  private MalformedFixtureException malformed(String problem) {
    return new MalformedFixtureException(
        "line " + json.currentLocation().getLineNr() + ": " + problem);
  }

  private static MalformedFixtureException malformed(IOException cause) {
    return new MalformedFixtureException(cause.getMessage(), cause);
  }

  @Override
  public void close() {
    try {
      json.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
