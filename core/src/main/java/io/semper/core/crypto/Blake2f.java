package io.semper.core.crypto;

/// The compression function F of BLAKE2b (RFC 7693, section 3.2) with a free number of rounds, as
/// EIP-152 exposes it.
public final class Blake2f {
  private static final long[] IV = {
    0x6a09e667f3bcc908L,
    0xbb67ae8584caa73bL,
    0x3c6ef372fe94f82bL,
    0xa54ff53a5f1d36f1L,
    0x510e527fade682d1L,
    0x9b05688c2b3e6c1fL,
    0x1f83d9abfb41bd6bL,
    0x5be0cd19137e2179L
  };

  /// Message word of each step, ten rounds in one row of 16 each.
  private static final byte[][] SIGMA = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}
  };

  private Blake2f() {}

  /// Replaces the eight words of `h` by their compression with the 16 message words of `m`.
  ///
  /// @param rounds unsigned 32-bit number of rounds, 12 in BLAKE2b itself
  /// @param t0 low word of the offset counter
  /// @param t1 high word of the offset counter
  /// @param last whether this is the final block
  public static void compress(long rounds, long[] h, long[] m, long t0, long t1, boolean last) {
    long a0 = h[0], a1 = h[1], a2 = h[2], a3 = h[3];
    long b0 = h[4], b1 = h[5], b2 = h[6], b3 = h[7];
    long c0 = IV[0], c1 = IV[1], c2 = IV[2], c3 = IV[3];
    long d0 = IV[4] ^ t0, d1 = IV[5] ^ t1, d2 = last ? ~IV[6] : IV[6], d3 = IV[7];
    long[] w = schedule(m);
    for (long left = rounds; left > 0; left -= 10) {
      int end = (int) Math.min(left, 10) * 16;
      for (int i = 0; i < end; i += 16) {
        // columns, first half of each step
        a0 = a0 + w[i + 0] + b0;
        a1 = a1 + w[i + 2] + b1;
        a2 = a2 + w[i + 4] + b2;
        a3 = a3 + w[i + 6] + b3;
        d0 = Long.rotateRight(d0 ^ a0, 32);
        d1 = Long.rotateRight(d1 ^ a1, 32);
        d2 = Long.rotateRight(d2 ^ a2, 32);
        d3 = Long.rotateRight(d3 ^ a3, 32);
        c0 += d0;
        c1 += d1;
        c2 += d2;
        c3 += d3;
        b0 = Long.rotateRight(b0 ^ c0, 24);
        b1 = Long.rotateRight(b1 ^ c1, 24);
        b2 = Long.rotateRight(b2 ^ c2, 24);
        b3 = Long.rotateRight(b3 ^ c3, 24);
        // columns, second half
        a0 = a0 + w[i + 1] + b0;
        a1 = a1 + w[i + 3] + b1;
        a2 = a2 + w[i + 5] + b2;
        a3 = a3 + w[i + 7] + b3;
        d0 = Long.rotateRight(d0 ^ a0, 16);
        d1 = Long.rotateRight(d1 ^ a1, 16);
        d2 = Long.rotateRight(d2 ^ a2, 16);
        d3 = Long.rotateRight(d3 ^ a3, 16);
        c0 += d0;
        c1 += d1;
        c2 += d2;
        c3 += d3;
        b0 = Long.rotateRight(b0 ^ c0, 63);
        b1 = Long.rotateRight(b1 ^ c1, 63);
        b2 = Long.rotateRight(b2 ^ c2, 63);
        b3 = Long.rotateRight(b3 ^ c3, 63);
        // diagonals, first half
        a0 = a0 + w[i + 8] + b1;
        a1 = a1 + w[i + 10] + b2;
        a2 = a2 + w[i + 12] + b3;
        a3 = a3 + w[i + 14] + b0;
        d3 = Long.rotateRight(d3 ^ a0, 32);
        d0 = Long.rotateRight(d0 ^ a1, 32);
        d1 = Long.rotateRight(d1 ^ a2, 32);
        d2 = Long.rotateRight(d2 ^ a3, 32);
        c2 += d3;
        c3 += d0;
        c0 += d1;
        c1 += d2;
        b1 = Long.rotateRight(b1 ^ c2, 24);
        b2 = Long.rotateRight(b2 ^ c3, 24);
        b3 = Long.rotateRight(b3 ^ c0, 24);
        b0 = Long.rotateRight(b0 ^ c1, 24);
        // diagonals, second half
        a0 = a0 + w[i + 9] + b1;
        a1 = a1 + w[i + 11] + b2;
        a2 = a2 + w[i + 13] + b3;
        a3 = a3 + w[i + 15] + b0;
        d3 = Long.rotateRight(d3 ^ a0, 16);
        d0 = Long.rotateRight(d0 ^ a1, 16);
        d1 = Long.rotateRight(d1 ^ a2, 16);
        d2 = Long.rotateRight(d2 ^ a3, 16);
        c2 += d3;
        c3 += d0;
        c0 += d1;
        c1 += d2;
        b1 = Long.rotateRight(b1 ^ c2, 63);
        b2 = Long.rotateRight(b2 ^ c3, 63);
        b3 = Long.rotateRight(b3 ^ c0, 63);
        b0 = Long.rotateRight(b0 ^ c1, 63);
      }
    }
    h[0] ^= a0 ^ c0;
    h[1] ^= a1 ^ c1;
    h[2] ^= a2 ^ c2;
    h[3] ^= a3 ^ c3;
    h[4] ^= b0 ^ d0;
    h[5] ^= b1 ^ d1;
    h[6] ^= b2 ^ d2;
    h[7] ^= b3 ^ d3;
  }

  /// The message words in the order in which ten rounds take them, so that a round reads its words
  /// in a row: the number of rounds is the caller's choice and can be four thousand million.
  private static long[] schedule(long[] m) {
    long[] w = new long[160];
    for (int i = 0; i < w.length; i++) {
      w[i] = m[SIGMA[i / 16][i % 16]];
    }
    return w;
  }
}
