package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;

/// A number that some callers write as a quantity, some in decimal, some as a JSON number.
public record Count(long value) {
  public static Count fromJson(JsonNode node) {
    if (node.isIntegralNumber() && node.canConvertToLong() && node.longValue() >= 0) {
      return new Count(node.longValue());
    }
    String text = Decoders.text(node);
    if (text.startsWith("0x")) {
      return new Count(Decoders.positiveLong(node));
    }
    try {
      return new Count(Long.parseUnsignedLong(text));
    } catch (NumberFormatException bad) {
      throw new IllegalArgumentException(
          "invalid hex or decimal integer \"" + shorten(text) + "\"");
    }
  }

  private static String shorten(String text) {
    return text.length() > 40 ? text.substring(0, 40) + "…" : text;
  }
}
