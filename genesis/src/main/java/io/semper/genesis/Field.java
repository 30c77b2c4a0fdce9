package io.semper.genesis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.semper.core.bytes.Address;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.bytes.UInt256;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// A JSON value together with its place in the file, so that every complaint names it.
///
/// JSON `null` counts as absent, as in the files other clients write.
record Field(String path, JsonNode node) {
  /// How much of an offending value a message repeats.
  private static final int MAX_QUOTED_CHARACTERS = 48;

  private static final int MAX_DECIMAL_DIGITS = 78; // of 2^256 - 1

  Field {
    if (node == null) {
      node = MissingNode.getInstance();
    }
  }

  boolean present() {
    return !node.isNull() && !node.isMissingNode();
  }

  /// The member of an object, spelled exactly so.
  Field get(String name) {
    return new Field(path.isEmpty() ? name : path + "." + name, node.get(name));
  }

  /// The members of an object by lower-case name: clients disagree on capitals.
  Map<String, Field> membersIgnoringCase() {
    Map<String, Field> found = new LinkedHashMap<>();
    members()
        .forEach((name, field) -> {
          Field other = found.put(name.toLowerCase(Locale.ROOT), field);
          if (other != null && !other.node.equals(field.node)) {
            throw field.malformed("differs from " + other.path + ", the same name");
          }
        });
    return found;
  }

  Map<String, Field> members() {
    if (!node.isObject()) {
      throw expected("an object");
    }
    Map<String, Field> found = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> member : node.properties()) {
      found.put(member.getKey(), get(member.getKey()));
    }
    return found;
  }

  /// A JSON number, a decimal string, or a string of hexadecimal digits after `0x`, none of which
  /// is zero.
  UInt256 number() {
    BigInteger value;
    if (node.isIntegralNumber()) {
      value = node.bigIntegerValue();
    } else if (node.isTextual()) {
      value = parse(node.textValue());
    } else {
      throw expected("a number");
    }
    if (value.signum() < 0) {
      throw expected("a number not below zero");
    }
    if (value.bitLength() > 256) {
      throw expected("a number of at most 256 bits");
    }
    return UInt256.of(value);
  }

  private BigInteger parse(String text) {
    boolean hex = text.startsWith("0x") || text.startsWith("0X");
    String digits = hex ? text.substring(2) : text;
    // Leading zeros are common; more digits than fit are refused before any arithmetic.
    if (digits.length() > (hex ? 2 * Hash32.BYTES : MAX_DECIMAL_DIGITS)) {
      throw expected("a number of at most 256 bits");
    }
    int radix = hex ? 16 : 10;
    if (hex && digits.isEmpty()) {
      return BigInteger.ZERO; // as old files write it
    }
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c < 128 && digit(c, radix))) {
      throw expected("a number, decimal or in hexadecimal digits after 0x");
    }
    return new BigInteger(digits, radix);
  }

  private static boolean digit(int character, int radix) {
    return Character.digit(character, radix) >= 0;
  }

  /// A number below 2^63.
  long longNumber() {
    UInt256 value = number();
    if (!value.fitsLong() || value.limb0() < 0) {
      throw expected("a number below 2^63");
    }
    return value.limb0();
  }

  /// A number of at most 64 bits, to be treated as unsigned.
  long unsignedLong() {
    UInt256 value = number();
    if (!value.fitsLong()) {
      throw expected("a number of at most 64 bits");
    }
    return value.limb0();
  }

  int intNumber(int least) {
    UInt256 value = number();
    if (!value.fitsLong()
        || Long.compareUnsigned(value.limb0(), Integer.MAX_VALUE) > 0
        || value.limb0() < least) {
      throw expected("a number from " + least + " to " + Integer.MAX_VALUE);
    }
    return (int) value.limb0();
  }

  boolean bool() {
    if (!node.isBoolean()) {
      throw expected("true or false");
    }
    return node.booleanValue();
  }

  /// Hexadecimal digits with or without `0x`.
  byte[] bytes() {
    if (!node.isTextual()) {
      throw expected("bytes as a string of hexadecimal digits after 0x");
    }
    try {
      return Hex.decode(node.textValue());
    } catch (IllegalArgumentException e) {
      throw expected("bytes as an even number of hexadecimal digits after 0x");
    }
  }

  Hash32 hash() {
    byte[] bytes = bytes();
    if (bytes.length != Hash32.BYTES) {
      throw expected("a hash of 32 bytes");
    }
    return Hash32.of(bytes);
  }

  Address address() {
    byte[] bytes = bytes();
    if (bytes.length != Address.BYTES) {
      throw expected("an address of 20 bytes");
    }
    return Address.of(bytes);
  }

  /// A storage key or value: up to 32 bytes in hexadecimal, short ones filled up from the left.
  static UInt256 word(Field at, String text) {
    String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
    if (digits.isEmpty()
        || digits.length() > 2 * Hash32.BYTES
        || !digits.chars().allMatch(c -> c < 128 && digit(c, 16))) {
      throw at.malformed(
          "expected up to 32 bytes of hexadecimal digits after 0x, found " + quote(text));
    }
    return UInt256.of(new BigInteger(digits, 16));
  }

  String text() {
    if (!node.isTextual()) {
      throw expected("a string");
    }
    return node.textValue();
  }

  MalformedGenesisException expected(String what) {
    return malformed("expected " + what + ", found " + (present() ? shown() : "nothing"));
  }

  MalformedGenesisException malformed(String problem) {
    return new MalformedGenesisException(path, problem);
  }

  private String shown() {
    if (node.isObject()) return "an object";
    if (node.isArray()) return "an array";
    return node.isTextual() ? quote(node.textValue()) : quote(node.asText());
  }

  private static String quote(String text) {
    return text.length() <= MAX_QUOTED_CHARACTERS
        ? "\"" + text + "\""
        : "\""
            + text.substring(0, MAX_QUOTED_CHARACTERS)
            + "...\" ("
            + text.length()
            + " characters)";
  }
}
