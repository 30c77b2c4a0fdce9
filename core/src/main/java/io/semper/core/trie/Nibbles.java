package io.semper.core.trie;

import io.semper.core.bytes.Hash32;
import java.util.Arrays;

/// Key digits, one a byte, and their compact ("hex prefix") form.
final class Nibbles {
  static final byte[] NONE = {};

  private Nibbles() {}

  static byte[] of(byte[] key) {
    byte[] out = new byte[key.length * 2];
    for (int i = 0; i < key.length; i++) {
      out[2 * i] = (byte) ((key[i] >>> 4) & 15);
      out[2 * i + 1] = (byte) (key[i] & 15);
    }
    return out;
  }

  static byte[] of(Hash32 key) {
    return of(key.toBytes());
  }

  /// The bytes of an even number of digits.
  static byte[] pack(byte[] nibbles) {
    byte[] out = new byte[nibbles.length / 2];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) (nibbles[2 * i] << 4 | nibbles[2 * i + 1]);
    }
    return out;
  }

  /// How many digits of `a` from `from` on equal those of `b` from `other` on.
  static int matching(byte[] a, int from, byte[] b, int other) {
    int max = Math.min(a.length - from, b.length - other);
    int i = Arrays.mismatch(a, from, from + max, b, other, other + max);
    return i < 0 ? max : i;
  }

  static byte[] join(byte[] first, byte[] second) {
    byte[] out = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, out, first.length, second.length);
    return out;
  }

  static byte[] compact(byte[] nibbles, boolean leaf) {
    return compact(nibbles, 0, nibbles.length, leaf);
  }

  static byte[] compact(byte[] nibbles, int from, int to, boolean leaf) {
    int odd = (to - from) & 1;
    byte[] out = new byte[(to - from) / 2 + 1];
    out[0] = (byte) ((leaf ? 0x20 : 0) | (odd == 1 ? 0x10 | nibbles[from] : 0));
    for (int i = from + odd, at = 1; i < to; i += 2) {
      out[at++] = (byte) (nibbles[i] << 4 | nibbles[i + 1]);
    }
    return out;
  }
}
