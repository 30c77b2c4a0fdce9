package io.semper.rpc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.Hex;
import io.semper.rpc.param.Decoders;

/// The name of a payload in the making: 8 bytes.
///
/// @param bits the bytes, big-endian
public record PayloadId(long bits) {
  private static final int BYTES = 8;

  public static PayloadId fromJson(JsonNode node) {
    byte[] bytes = Decoders.bytes(node);
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("payload id of " + bytes.length + " bytes, want 8");
    }
    return new PayloadId(Long.parseUnsignedLong(Hex.encode(bytes).substring(2), 16));
  }

  @Override
  public String toString() {
    return String.format("0x%016x", bits);
  }
}
