package io.semper.rpc.param;

import com.fasterxml.jackson.databind.JsonNode;
import io.semper.core.bytes.UInt256;
import io.semper.rpc.RpcException;

/// A storage slot as callers write it: up to 32 bytes, with or without leading zeros.
///
/// @param full whether all 32 bytes were written, which decides the form it is echoed in
public record StorageKey(UInt256 slot, boolean full) {
  public static StorageKey fromJson(JsonNode node) {
    String text = Decoders.text(node);
    String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
    if (!digits.chars().allMatch(c -> c < 128 && Character.digit(c, 16) >= 0)) {
      throw RpcException.invalidParams("invalid hex in storage key: \"" + shorten(text) + "\"");
    }
    if (digits.length() > 64) {
      throw RpcException.invalidParams(
          "storage key too long (want at most 32 bytes): \"" + shorten(text) + "\"");
    }
    return new StorageKey(
        digits.isEmpty() ? UInt256.ZERO : UInt256.ofHex(digits), digits.length() == 64);
  }

  private static String shorten(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  /// As `eth_getProof` echoes it.
  public Object echo() {
    return full ? slot.toHash32() : slot;
  }
}
