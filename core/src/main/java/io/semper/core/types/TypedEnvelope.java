package io.semper.core.types;

/// EIP-2718: one type byte in front of a payload.
final class TypedEnvelope {
  private TypedEnvelope() {}

  static byte[] wrap(int type, byte[] payload) {
    byte[] out = new byte[payload.length + 1];
    out[0] = (byte) type;
    System.arraycopy(payload, 0, out, 1, payload.length);
    return out;
  }
}
