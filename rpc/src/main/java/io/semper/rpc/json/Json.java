package io.semper.rpc.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.UInt256;
import io.semper.core.types.Bloom;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Map;

/// Writes Java values as Ethereum's RPC writes them.
///
/// `Long`, [UInt256] and `BigInteger` are quantities (`0x0`, no leading zeros; a `Long` is
/// unsigned); `byte[]`, hashes and addresses are `0x` and two digits a byte; `Double` is a plain
/// JSON number. Maps and iterables are written deeply.
public final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Json() {}

  public static void write(JsonGenerator out, Object value) throws IOException {
    switch (value) {
      case null -> out.writeNull();
      case String s -> out.writeString(s);
      case JsonValue v -> v.writeTo(out);
      case Boolean b -> out.writeBoolean(b);
      case Long n -> out.writeString(quantity(n));
      case UInt256 n -> out.writeString(quantity(n));
      case BigInteger n -> out.writeString("0x" + n.toString(16));
      case Hash32 h -> out.writeString(new HexText(h.toBytes()));
      case Address a -> out.writeString(new HexText(a.toBytes()));
      case byte[] b -> out.writeString(new HexText(b));
      case Bloom b -> out.writeString(new HexText(b.toBytes()));
      case Double d -> number(out, d);
      case JsonNode n -> MAPPER.writeTree(out, n);
      case Map<?, ?> map -> object(out, map);
      case Iterable<?> items -> array(out, items);
      case Object other ->
          throw new IllegalArgumentException("no JSON form for " + other.getClass().getName());
    }
  }

  public static void field(JsonGenerator out, String name, Object value) throws IOException {
    out.writeFieldName(name);
    write(out, value);
  }

  /// Writes the field unless the value is `null`.
  public static void fieldIfSet(JsonGenerator out, String name, Object value) throws IOException {
    if (value != null) {
      field(out, name, value);
    }
  }

  public static String quantity(long unsigned) {
    return "0x" + Long.toHexString(unsigned);
  }

  public static String quantity(UInt256 value) {
    return value.fitsLong() ? quantity(value.limb0()) : value.toHex();
  }

  /// Ends what was begun after a place and not ended, so that more can be written there. Between
  /// the name of a field and its value there must be no need for this.
  ///
  /// @param place the generator's context there
  public static void endUnfinished(JsonGenerator out, JsonStreamContext place) throws IOException {
    while (out.getOutputContext() != place) {
      if (out.getOutputContext().inArray()) {
        out.writeEndArray();
      } else {
        out.writeEndObject();
      }
    }
  }

  private static void number(JsonGenerator out, double value) throws IOException {
    if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      out.writeNumber((long) value);
    } else {
      out.writeNumber(value);
    }
  }

  private static void object(JsonGenerator out, Map<?, ?> map) throws IOException {
    out.writeStartObject();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      field(out, entry.getKey().toString(), entry.getValue());
    }
    out.writeEndObject();
  }

  private static void array(JsonGenerator out, Iterable<?> items) throws IOException {
    out.writeStartArray();
    for (Object item : items) {
      write(out, item);
    }
    out.writeEndArray();
  }
}
