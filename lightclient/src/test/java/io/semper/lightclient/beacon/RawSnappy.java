package io.semper.lightclient.beacon;

import java.io.ByteArrayOutputStream;

/// Decompresses Snappy's raw format, as published test vectors have it.
final class RawSnappy {
  private RawSnappy() {}

  static byte[] decompress(byte[] in) {
    int at = 0;
    while (in[at++] < 0) {}
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while (at < in.length) {
      int tag = in[at++] & 0xFF;
      int kind = tag & 3;
      if (kind == 0) {
        int length = tag >>> 2;
        int extra = Math.max(0, length - 59);
        if (extra > 0) {
          length = number(in, at, extra);
          at += extra;
        }
        out.write(in, at, length + 1);
        at += length + 1;
      } else {
        int length = kind == 1 ? (tag >>> 2 & 7) + 4 : (tag >>> 2) + 1;
        int bytes = kind == 1 ? 1 : kind == 2 ? 2 : 4;
        int distance = number(in, at, bytes) | (kind == 1 ? (tag & 0xE0) << 3 : 0);
        at += bytes;
        for (int i = 0; i < length; i++) {
          out.write(out.toByteArray()[out.size() - distance]);
        }
      }
    }
    return out.toByteArray();
  }

  private static int number(byte[] in, int at, int bytes) {
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (in[at + i] & 0xFF) << (8 * i);
    }
    return value;
  }
}
