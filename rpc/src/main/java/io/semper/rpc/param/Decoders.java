package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// How each parameter type is read from JSON.
///
/// Types of this package, and any later one, bring their own `public static T fromJson(JsonNode)`.
/// A `null` node means that an omittable parameter was left out.
public final class Decoders {
  private static final Map<Class<?>, Function<JsonNode, Object>> BUILT_IN =
      Map.of(
          Address.class, Decoders::address,
          Hash32.class, Decoders::hash,
          UInt256.class, Decoders::quantity,
          long.class, Decoders::unsignedLong,
          Long.class, Decoders::unsignedLong,
          byte[].class, Decoders::bytes,
          boolean.class, Decoders::bool,
          String.class, Decoders::text,
          JsonNode.class, node -> node);

  private Decoders() {}

  /// The decoder of a type.
  ///
  /// @throws IllegalArgumentException where the type has none: a programming error
  public static Function<JsonNode, Object> of(Class<?> type) {
    Function<JsonNode, Object> builtIn = BUILT_IN.get(type);
    if (builtIn != null) {
      return builtIn;
    }
    try {
      MethodHandle own =
          MethodHandles.publicLookup()
              .findStatic(type, "fromJson", MethodType.methodType(type, JsonNode.class))
              .asType(MethodType.methodType(Object.class, JsonNode.class));
      return node -> invoke(own, node);
    } catch (ReflectiveOperationException none) {
      throw new IllegalArgumentException("no decoder for " + type.getName(), none);
    }
  }

  private static Object invoke(MethodHandle decoder, JsonNode node) {
    try {
      return (Object) decoder.invokeExact(node);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// What an omitted parameter of this type is.
  public static Object absent(Class<?> type) {
    if (type == BlockRef.class) return BlockRef.LATEST;
    if (type == boolean.class) return false;
    if (type == long.class) return 0L;
    return null;
  }

  public static Address address(JsonNode node) {
    byte[] bytes = bytes(node);
    if (bytes.length != Address.BYTES) {
      throw new IllegalArgumentException(
          "hex string has length " + 2 * bytes.length + ", want 40 for common.Address");
    }
    return Address.of(bytes);
  }

  public static Hash32 hash(JsonNode node) {
    byte[] bytes = bytes(node);
    if (bytes.length != Hash32.BYTES) {
      throw new IllegalArgumentException(
          "hex string has length " + 2 * bytes.length + ", want 64 for common.Hash");
    }
    return Hash32.of(bytes);
  }

  public static byte[] bytes(JsonNode node) {
    String text = text(node);
    if (text.isEmpty()) throw new IllegalArgumentException("empty hex string");
    requirePrefix(text);
    if (text.length() % 2 != 0) throw new IllegalArgumentException("hex string of odd length");
    try {
      return Hex.decode(text);
    } catch (IllegalArgumentException notHex) {
      throw new IllegalArgumentException("invalid hex string");
    }
  }

  /// A quantity: `0x`, at least one digit, no leading zeros, at most 256 bits.
  public static UInt256 quantity(JsonNode node) {
    String digits = quantityDigits(node);
    if (digits.length() > 64) throw new IllegalArgumentException("hex number > 256 bits");
    try {
      return UInt256.ofHex(digits);
    } catch (NumberFormatException notHex) {
      throw new IllegalArgumentException("invalid hex string");
    }
  }

  /// A quantity of at most 64 bits.
  public static long unsignedLong(JsonNode node) {
    String digits = quantityDigits(node);
    if (digits.length() > 16) throw new IllegalArgumentException("hex number > 64 bits");
    try {
      return Long.parseUnsignedLong(digits, 16);
    } catch (NumberFormatException notHex) {
      throw new IllegalArgumentException("invalid hex string");
    }
  }

  /// A quantity below 2^63.
  public static long positiveLong(JsonNode node) {
    long value = unsignedLong(node);
    if (value < 0) throw new IllegalArgumentException("hex number > 63 bits");
    return value;
  }

  private static String quantityDigits(JsonNode node) {
    String text = text(node);
    if (text.isEmpty()) throw new IllegalArgumentException("empty hex string");
    requirePrefix(text);
    String digits = text.substring(2);
    if (digits.isEmpty()) throw new IllegalArgumentException("hex string \"0x\"");
    if (digits.length() > 1 && digits.charAt(0) == '0') {
      throw new IllegalArgumentException("hex number with leading zero digits");
    }
    if (Character.digit(digits.charAt(0), 16) < 0) {
      throw new IllegalArgumentException("invalid hex string");
    }
    return digits;
  }

  private static void requirePrefix(String text) {
    if (!text.startsWith("0x") && !text.startsWith("0X")) {
      throw new IllegalArgumentException("hex string without 0x prefix");
    }
  }

  public static boolean bool(JsonNode node) {
    if (!node.isBoolean()) throw expected("a boolean", node);
    return node.booleanValue();
  }

  public static String text(JsonNode node) {
    if (!node.isTextual()) throw expected("a string", node);
    return node.textValue();
  }

  public static void requireObject(JsonNode node) {
    if (!node.isObject()) throw expected("an object", node);
  }

  public static IllegalArgumentException expected(String what, JsonNode node) {
    return new IllegalArgumentException("json: expected " + what + ", found " + kind(node));
  }

  private static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case ARRAY -> "an array";
      case OBJECT, POJO -> "an object";
      case BOOLEAN -> "a boolean";
      case NUMBER -> "a number";
      case STRING, BINARY -> "a string";
      case NULL, MISSING -> "null";
    };
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
      throw new IllegalArgumentException(bad.getMessage() + " (field " + name + ")");
    }
  }

  /// A field decoded, which must be there.
  public static <T> T required(JsonNode object, String name, Function<JsonNode, T> decoder) {
    T value = field(object, name, decoder);
    if (value == null) {
      throw new IllegalArgumentException("missing required field '" + name + "'");
    }
    return value;
  }

  /// An array decoded item by item, bounded.
  public static <T> List<T> list(JsonNode node, int max, Function<JsonNode, T> decoder) {
    if (!node.isArray()) throw expected("an array", node);
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
