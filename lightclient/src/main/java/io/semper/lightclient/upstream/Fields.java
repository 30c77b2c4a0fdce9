package io.semper.lightclient.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Values from JSON as nodes write them. Everything throws `IllegalArgumentException` where a value
/// is none of the kind.
public final class Fields {
  private static final int WORD_DIGITS = 64;
  private static final int LONG_DIGITS = 16;

  private Fields() {}

  public static Address address(JsonNode node) {
    return Address.of(bytes(node, Address.BYTES));
  }

  public static Hash32 hash(JsonNode node) {
    return Hash32.of(bytes(node, Hash32.BYTES));
  }

  private static byte[] bytes(JsonNode node, int length) {
    byte[] bytes = bytes(node);
    if (bytes.length != length) {
      throw new IllegalArgumentException(bytes.length + " bytes, expected " + length);
    }
    return bytes;
  }

  public static byte[] bytes(JsonNode node) {
    String text = text(node);
    if (!text.startsWith("0x")) {
      throw new IllegalArgumentException("hexadecimal digits without 0x");
    }
    return Hex.decode(text);
  }

  /// `0x` and up to 64 digits; leading zeros are let pass.
  public static UInt256 quantity(JsonNode node) {
    try {
      return UInt256.ofHex(digits(node, WORD_DIGITS));
    } catch (NumberFormatException none) {
      throw new IllegalArgumentException("not a quantity", none);
    }
  }

  public static long unsignedLong(JsonNode node) {
    try {
      return Long.parseUnsignedLong(digits(node, LONG_DIGITS), 16);
    } catch (NumberFormatException none) {
      throw new IllegalArgumentException("not a quantity of 64 bits", none);
    }
  }

  /// Below 2^63.
  public static long positiveLong(JsonNode node) {
    long value = unsignedLong(node);
    if (value < 0) {
      throw new IllegalArgumentException("quantity above 63 bits");
    }
    return value;
  }

  private static String digits(JsonNode node, int most) {
    String text = text(node);
    if (!text.startsWith("0x") || text.length() == 2 || text.length() > 2 + most) {
      throw new IllegalArgumentException("expected 0x and up to " + most + " digits");
    }
    if (Character.digit(text.charAt(2), 16) < 0) {
      throw new IllegalArgumentException("not hexadecimal");
    }
    return text.substring(2);
  }

  public static String text(JsonNode node) {
    if (!node.isTextual()) {
      throw new IllegalArgumentException("expected a string, found " + node.getNodeType());
    }
    return node.textValue();
  }

  /// A field decoded, or `null` where it is absent or `null`.
  public static <T> T field(JsonNode object, String name, Function<JsonNode, T> decoder) {
    JsonNode node = object.get(name);
    if (node == null || node.isNull()) {
      return null;
    }
    try {
      return decoder.apply(node);
    } catch (IllegalArgumentException bad) {
      throw new IllegalArgumentException(name + ": " + bad.getMessage(), bad);
    }
  }

  /// A field decoded, which must be there.
  public static <T> T required(JsonNode object, String name, Function<JsonNode, T> decoder) {
    T value = field(object, name, decoder);
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }

  /// An array decoded item by item, bounded.
  public static <T> List<T> list(JsonNode node, int max, Function<JsonNode, T> decoder) {
    if (!node.isArray()) {
      throw new IllegalArgumentException("expected an array, found " + node.getNodeType());
    }
    if (node.size() > max) {
      throw new IllegalArgumentException("array of " + node.size() + " items, at most " + max);
    }
    List<T> items = new ArrayList<>(node.size());
    for (JsonNode item : node) {
      items.add(decoder.apply(item));
    }
    return items;
  }
}
