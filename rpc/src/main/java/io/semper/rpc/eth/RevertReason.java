package io.semper.rpc.eth;

import io.semper.core.bytes.BigEndian;
import io.semper.core.bytes.UInt256;
import io.semper.evm.Halt;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Reads what Solidity puts into revert data: `Error(string)` and `Panic(uint256)`.
public final class RevertReason {
  private static final int ERROR = 0x08c379a0;
  private static final int PANIC = 0x4e487b71;
  private static final int SELECTOR_BYTES = 4;
  private static final int WORD = 32;

  private static final Map<Long, String> PANICS =
      Map.of(
          0x00L, "generic panic",
          0x01L, "assert(false)",
          0x11L, "arithmetic underflow or overflow",
          0x12L, "division or modulo by zero",
          0x21L, "enum overflow",
          0x22L, "invalid encoded storage byte array accessed",
          0x31L, "out-of-bounds array access; popping on an empty array",
          0x32L, "out-of-bounds access of an array or bytesN",
          0x41L, "out of memory",
          0x51L, "uninitialized function");

  private RevertReason() {}

  /// go-ethereum's error text for an execution that reverted with this data.
  static String message(byte[] data) {
    String reason = of(data);
    return Halt.REVERT.text() + (reason == null ? "" : ": " + reason);
  }

  /// The reason, or `null` where the data holds none.
  public static String of(byte[] data) {
    if (data.length < SELECTOR_BYTES) {
      return null;
    }
    int selector = BigEndian.getInt(data, 0);
    if (selector == PANIC && data.length >= SELECTOR_BYTES + WORD) {
      return panic(word(data, 0));
    }
    return selector == ERROR ? string(data) : null;
  }

  private static String panic(UInt256 code) {
    String known = code.fitsLong() ? PANICS.get(code.limb0()) : null;
    return known == null ? "unknown panic code: " + code.toHex() : known;
  }

  /// A dynamic string as the only argument: offset, length, bytes. Real compilers are lax about
  /// padding the end, so this is too.
  private static String string(byte[] data) {
    if (data.length < SELECTOR_BYTES + 2 * WORD) {
      return null;
    }
    long offset = word(data, 0).toLongSaturated();
    if (offset > data.length - SELECTOR_BYTES - WORD) {
      return null;
    }
    long length = word(data, (int) offset).toLongSaturated();
    int start = SELECTOR_BYTES + (int) offset + WORD;
    if (length > data.length - start) {
      return null;
    }
    return new String(data, start, (int) length, StandardCharsets.UTF_8);
  }

  private static UInt256 word(byte[] data, int offset) {
    return UInt256.of(data, SELECTOR_BYTES + offset, WORD);
  }
}
