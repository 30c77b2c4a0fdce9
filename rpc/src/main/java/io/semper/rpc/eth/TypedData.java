package io.semper.rpc.eth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.semper.core.bytes.Hash32;
import io.semper.core.bytes.Hex;
import io.semper.core.crypto.Keccak;
import io.semper.rpc.RpcException;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;

/// Structured data to be signed (EIP-712).
final class TypedData {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String DOMAIN = "EIP712Domain";
  private static final int WORD = 32;

  private final JsonNode types;
  private final String primaryType;
  private final JsonNode domain;
  private final JsonNode message;

  private TypedData(JsonNode data) {
    types = data.path("types");
    primaryType = data.path("primaryType").asText();
    domain = data.path("domain");
    message = data.path("message");
    if (!types.path(primaryType).isArray() || !types.path(DOMAIN).isArray()) {
      throw bad("typed data lacks its primary type or " + DOMAIN);
    }
  }

  /// @param data an object, or its text
  static TypedData parse(JsonNode data) {
    try {
      return new TypedData(data.isTextual() ? MAPPER.readTree(data.textValue()) : data);
    } catch (JsonProcessingException notJson) {
      throw bad("typed data is not JSON");
    }
  }

  /// `keccak256(0x1901 ‖ domainSeparator ‖ hashStruct(message))`; without the message where the
  /// domain itself is what is signed.
  Hash32 hash() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(0x19);
    out.write(0x01);
    out.writeBytes(struct(DOMAIN, domain));
    if (!primaryType.equals(DOMAIN)) {
      out.writeBytes(struct(primaryType, message));
    }
    return Keccak.hash(out.toByteArray());
  }

  private byte[] struct(String type, JsonNode value) {
    if (!value.isObject()) {
      throw bad("value of " + type + " is no object");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Keccak.hashBytes(encodeType(type).getBytes(StandardCharsets.UTF_8)));
    for (JsonNode field : types.path(type)) {
      out.writeBytes(encode(field.path("type").asText(), value.path(field.path("name").asText())));
    }
    return Keccak.hashBytes(out.toByteArray());
  }

  /// The type itself first, then all it refers to in alphabetical order.
  private String encodeType(String type) {
    Map<String, Boolean> found = new LinkedHashMap<>();
    collect(type, found);
    found.remove(type);
    StringBuilder out = new StringBuilder(describe(type));
    new TreeSet<>(found.keySet()).forEach(each -> out.append(describe(each)));
    return out.toString();
  }

  private void collect(String type, Map<String, Boolean> found) {
    if (types.path(type).isArray() && found.put(type, true) == null) {
      for (JsonNode field : types.path(type)) {
        collect(withoutArray(field.path("type").asText()), found);
      }
    }
  }

  private static String withoutArray(String type) {
    int bracket = type.indexOf('[');
    return bracket < 0 ? type : type.substring(0, bracket);
  }

  private String describe(String type) {
    StringBuilder out = new StringBuilder(type).append('(');
    String separator = "";
    for (JsonNode field : types.path(type)) {
      out.append(separator).append(field.path("type").asText()).append(' ');
      out.append(field.path("name").asText());
      separator = ",";
    }
    return out.append(')').toString();
  }

  private byte[] encode(String type, JsonNode value) {
    if (type.endsWith("]")) {
      return array(type, value);
    }
    if (types.path(type).isArray()) {
      return value.isMissingNode() || value.isNull() ? new byte[WORD] : struct(type, value);
    }
    if (value.isMissingNode() || value.isNull()) {
      throw bad("no value for a field of type " + type);
    }
    return switch (type) {
      case "string" -> Keccak.hashBytes(value.asText().getBytes(StandardCharsets.UTF_8));
      case "bytes" -> Keccak.hashBytes(hex(value));
      case "bool" -> number(value.asBoolean() ? BigInteger.ONE : BigInteger.ZERO);
      case "address" -> number(new BigInteger(1, exactly(hex(value), 20)));
      default -> atomic(type, value);
    };
  }

  private byte[] array(String type, JsonNode value) {
    String item = type.substring(0, type.lastIndexOf('['));
    if (!value.isArray()) {
      throw bad("value of " + type + " is no array");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (JsonNode each : value) {
      out.writeBytes(encode(item, each));
    }
    return Keccak.hashBytes(out.toByteArray());
  }

  private static byte[] atomic(String type, JsonNode value) {
    if (type.startsWith("uint") || type.startsWith("int")) {
      return number(integer(value));
    }
    if (type.startsWith("bytes")) {
      byte[] bytes = hex(value);
      if (!type.equals("bytes" + bytes.length) || bytes.length > WORD) {
        throw bad("value of " + type + " has " + bytes.length + " bytes");
      }
      return Arrays.copyOf(bytes, WORD);
    }
    throw bad("unknown type " + type);
  }

  private static BigInteger integer(JsonNode value) {
    try {
      if (value.isIntegralNumber()) {
        return value.bigIntegerValue();
      }
      String text = value.asText();
      return text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text);
    } catch (NumberFormatException notNumber) {
      throw bad("not a number: " + value.asText());
    }
  }

  /// Two's complement in 32 bytes.
  private static byte[] number(BigInteger value) {
    if (value.bitLength() > 8 * WORD) {
      throw bad("number exceeds 256 bits");
    }
    byte[] out = new byte[WORD];
    if (value.signum() < 0) {
      Arrays.fill(out, (byte) 0xFF);
    }
    byte[] bytes = value.toByteArray();
    int length = Math.min(bytes.length, WORD);
    System.arraycopy(bytes, bytes.length - length, out, WORD - length, length);
    return out;
  }

  private static byte[] exactly(byte[] bytes, int length) {
    if (bytes.length != length) {
      throw bad("expected " + length + " bytes, found " + bytes.length);
    }
    return bytes;
  }

  private static byte[] hex(JsonNode value) {
    try {
      return Hex.decode(value.asText());
    } catch (IllegalArgumentException notHex) {
      throw bad("not hexadecimal: " + value.asText());
    }
  }

  private static RpcException bad(String problem) {
    return RpcException.invalidParams(problem);
  }
}
