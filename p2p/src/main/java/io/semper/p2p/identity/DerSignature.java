package io.semper.p2p.identity;

import java.util.Arrays;

/// An ECDSA signature as the DER sequence of two integers (SEC 1), read strictly.
final class DerSignature {
  private DerSignature() {}

  /// The 64 bytes of r and s, or null if `der` is not the strict form or a number is too long.
  static byte[] decode(byte[] der) {
    if (der.length < 8 || der.length > 72 || der[0] != 0x30 || der[1] != der.length - 2) {
      return null;
    }
    byte[] out = new byte[64];
    int at = integer(der, 2, out, 0);
    return at > 0 && integer(der, at, out, 32) == der.length ? out : null;
  }

  /// Returns the position after the integer, or -1.
  private static int integer(byte[] der, int at, byte[] out, int position) {
    if (at + 3 > der.length || der[at] != 2) {
      return -1;
    }
    int length = der[at + 1];
    int start = at + 2;
    if (length < 1 || length > 33 || start + length > der.length || der[start] < 0) {
      return -1;
    }
    int skip = 0;
    if (der[start] == 0 && length > 1) {
      if (der[start + 1] >= 0) {
        return -1;
      }
      skip = 1;
    }
    if (length - skip > 32) {
      return -1;
    }
    System.arraycopy(der, start + skip, out, position + 32 - (length - skip), length - skip);
    return start + length;
  }

  static byte[] encode(byte[] rs) {
    byte[] r = minimal(rs, 0);
    byte[] s = minimal(rs, 32);
    byte[] out = new byte[6 + r.length + s.length];
    out[0] = 0x30;
    out[1] = (byte) (out.length - 2);
    out[2] = 2;
    out[3] = (byte) r.length;
    System.arraycopy(r, 0, out, 4, r.length);
    out[4 + r.length] = 2;
    out[5 + r.length] = (byte) s.length;
    System.arraycopy(s, 0, out, 6 + r.length, s.length);
    return out;
  }

  private static byte[] minimal(byte[] rs, int offset) {
    int from = offset;
    while (from < offset + 31 && rs[from] == 0) {
      from++;
    }
    byte[] number = Arrays.copyOfRange(rs, from, offset + 32);
    return number[0] < 0 ? PublicKey.concat(new byte[1], number) : number;
  }
}
