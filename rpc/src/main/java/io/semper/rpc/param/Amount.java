package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.UInt256;
import java.math.BigInteger;

/// A number of up to 256 bits as test tools write it: a quantity, 32 bytes, in decimal, or a JSON
/// number.
public record Amount(UInt256 value) {
  private static final int MAX_DIGITS = 78;

  public static Amount fromJson(JsonNode node) {
    try {
      if (node.isIntegralNumber()) {
        return new Amount(UInt256.of(node.bigIntegerValue()));
      }
      String text = Decoders.text(node);
      if (text.length() > MAX_DIGITS) {
        throw new IllegalArgumentException("number > 256 bits");
      }
      boolean hex = text.startsWith("0x") || text.startsWith("0X");
      return new Amount(
          UInt256.of(hex ? new BigInteger(text.substring(2), 16) : new BigInteger(text)));
    } catch (NumberFormatException | ArithmeticException none) {
      throw new IllegalArgumentException("not a number of at most 256 bits");
    }
  }
}
