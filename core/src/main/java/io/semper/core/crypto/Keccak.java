package io.semper.core.crypto;

import io.semper.core.bytes.Hash32;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Keccak-256 with the original padding, Ethereum's hash (not SHA3-256, which pads differently).
///
/// One call hashes one complete message.
public final class Keccak {
  /// 64-bit lanes of the permutation's state.
  public static final int STATE_LANES = 25;

  private static final int RATE = 136;
  private static final VarHandle LANE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long[] ROUND = {
    0x0000000000000001L, 0x0000000000008082L, 0x800000000000808AL, 0x8000000080008000L,
    0x000000000000808BL, 0x0000000080000001L, 0x8000000080008081L, 0x8000000000008009L,
    0x000000000000008AL, 0x0000000000000088L, 0x0000000080008009L, 0x000000008000000AL,
    0x000000008000808BL, 0x800000000000008BL, 0x8000000000008089L, 0x8000000000008003L,
    0x8000000000008002L, 0x8000000000000080L, 0x000000000000800AL, 0x800000008000000AL,
    0x8000000080008081L, 0x8000000000008080L, 0x0000000080000001L, 0x8000000080008008L
  };

  /// Keccak-256 of the empty string: the code hash of accounts without code.
  public static final Hash32 EMPTY = hash(new byte[0]);

  private Keccak() {}

  public static Hash32 hash(byte[] message) {
    return hash(message, 0, message.length);
  }

  public static Hash32 hash(byte[] message, int offset, int length) {
    long[] s = new long[STATE_LANES];
    absorb(s, message, offset, length, RATE);
    return Hash32.of(
        Long.reverseBytes(s[0]),
        Long.reverseBytes(s[1]),
        Long.reverseBytes(s[2]),
        Long.reverseBytes(s[3]));
  }

  public static byte[] hashBytes(byte[] message) {
    return hash(message).toBytes();
  }

  /// Keccak-512 with the original padding, used by ethash.
  public static byte[] hash512(byte[] message) {
    long[] s = new long[STATE_LANES];
    absorb(s, message, 0, message.length, 72);
    byte[] out = new byte[64];
    for (int i = 0; i < 8; i++) {
      LANE.set(out, 8 * i, s[i]);
    }
    return out;
  }

  /// Keccak-512 of a message of exactly 64 bytes, lane by lane: ethash hashes millions of them.
  ///
  /// @param state [#STATE_LANES] lanes, of which the first eight are the message, little-endian,
  ///   and afterwards the hash; the others are scratch
  public static void hash512Lanes(long[] state) {
    state[8] = 0x8000000000000001L; // both ends of the padding fall into the last lane of the rate
    Arrays.fill(state, 9, STATE_LANES, 0);
    permute(state, new long[STATE_LANES]);
  }

  private static void absorb(long[] s, byte[] message, int offset, int length, int rate) {
    long[] scratch = new long[STATE_LANES];
    while (length >= rate) {
      for (int i = 0; i < rate / 8; i++) {
        s[i] ^= (long) LANE.get(message, offset + 8 * i);
      }
      permute(s, scratch);
      offset += rate;
      length -= rate;
    }
    int lanes = length / 8;
    for (int i = 0; i < lanes; i++) {
      s[i] ^= (long) LANE.get(message, offset + 8 * i);
    }
    long last = 1L << (8 * (length & 7));
    for (int i = lanes * 8; i < length; i++) {
      last |= (message[offset + i] & 0xFFL) << (8 * (i & 7));
    }
    s[lanes] ^= last;
    s[rate / 8 - 1] ^= 0x8000000000000000L;
    permute(s, scratch);
  }

  /// keccak-f[1600] (FIPS 202, section 3.3), from one array to the other and back. C2 spills 25
  /// lanes in local variables worse than it loads them: this takes 0.86 of the time.
  ///
  /// @param scratch of [#STATE_LANES] lanes
  private static void permute(long[] state, long[] scratch) {
    long[] a = state;
    long[] e = scratch;
    for (int round = 0; round < 24; round++) {
      // theta
      long c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
      long c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
      long c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
      long c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
      long c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
      long d0 = c4 ^ Long.rotateLeft(c1, 1);
      long d1 = c0 ^ Long.rotateLeft(c2, 1);
      long d2 = c1 ^ Long.rotateLeft(c3, 1);
      long d3 = c2 ^ Long.rotateLeft(c4, 1);
      long d4 = c3 ^ Long.rotateLeft(c0, 1);
      // rho, pi, chi and iota of the first plane
      long b0 = a[0] ^ d0;
      long b1 = Long.rotateLeft(a[6] ^ d1, 44);
      long b2 = Long.rotateLeft(a[12] ^ d2, 43);
      long b3 = Long.rotateLeft(a[18] ^ d3, 21);
      long b4 = Long.rotateLeft(a[24] ^ d4, 14);
      e[0] = b0 ^ (~b1 & b2) ^ ROUND[round];
      e[1] = b1 ^ (~b2 & b3);
      e[2] = b2 ^ (~b3 & b4);
      e[3] = b3 ^ (~b4 & b0);
      e[4] = b4 ^ (~b0 & b1);
      // the second
      long b5 = Long.rotateLeft(a[3] ^ d3, 28);
      long b6 = Long.rotateLeft(a[9] ^ d4, 20);
      long b7 = Long.rotateLeft(a[10] ^ d0, 3);
      long b8 = Long.rotateLeft(a[16] ^ d1, 45);
      long b9 = Long.rotateLeft(a[22] ^ d2, 61);
      e[5] = b5 ^ (~b6 & b7);
      e[6] = b6 ^ (~b7 & b8);
      e[7] = b7 ^ (~b8 & b9);
      e[8] = b8 ^ (~b9 & b5);
      e[9] = b9 ^ (~b5 & b6);
      // the third
      long b10 = Long.rotateLeft(a[1] ^ d1, 1);
      long b11 = Long.rotateLeft(a[7] ^ d2, 6);
      long b12 = Long.rotateLeft(a[13] ^ d3, 25);
      long b13 = Long.rotateLeft(a[19] ^ d4, 8);
      long b14 = Long.rotateLeft(a[20] ^ d0, 18);
      e[10] = b10 ^ (~b11 & b12);
      e[11] = b11 ^ (~b12 & b13);
      e[12] = b12 ^ (~b13 & b14);
      e[13] = b13 ^ (~b14 & b10);
      e[14] = b14 ^ (~b10 & b11);
      // the fourth
      long b15 = Long.rotateLeft(a[4] ^ d4, 27);
      long b16 = Long.rotateLeft(a[5] ^ d0, 36);
      long b17 = Long.rotateLeft(a[11] ^ d1, 10);
      long b18 = Long.rotateLeft(a[17] ^ d2, 15);
      long b19 = Long.rotateLeft(a[23] ^ d3, 56);
      e[15] = b15 ^ (~b16 & b17);
      e[16] = b16 ^ (~b17 & b18);
      e[17] = b17 ^ (~b18 & b19);
      e[18] = b18 ^ (~b19 & b15);
      e[19] = b19 ^ (~b15 & b16);
      // the fifth
      long b20 = Long.rotateLeft(a[2] ^ d2, 62);
      long b21 = Long.rotateLeft(a[8] ^ d3, 55);
      long b22 = Long.rotateLeft(a[14] ^ d4, 39);
      long b23 = Long.rotateLeft(a[15] ^ d0, 41);
      long b24 = Long.rotateLeft(a[21] ^ d1, 2);
      e[20] = b20 ^ (~b21 & b22);
      e[21] = b21 ^ (~b22 & b23);
      e[22] = b22 ^ (~b23 & b24);
      e[23] = b23 ^ (~b24 & b20);
      e[24] = b24 ^ (~b20 & b21);
      long[] swap = a;
      a = e;
      e = swap;
    }
  }
}
