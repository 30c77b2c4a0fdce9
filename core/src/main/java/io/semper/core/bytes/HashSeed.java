package io.semper.core.bytes;

import java.security.SecureRandom;

/// Per-process random multipliers behind every hash code of this package.
///
/// Addresses and storage keys are chosen by whoever writes the contract; with fixed multipliers a
/// transaction could fill one bucket of a hash table on every node at once.
final class HashSeed {
  static final long K0;
  static final long K1;
  static final long K2;
  static final long K3;

  static {
    SecureRandom random = new SecureRandom();
    K0 = random.nextLong() | 1;
    K1 = random.nextLong() | 1;
    K2 = random.nextLong() | 1;
    K3 = random.nextLong() | 1;
  }

  private HashSeed() {}

  static int mix(long a, long b, long c, long d) {
    long h = (a ^ K3) * K0;
    h = (Long.rotateLeft(h, 29) ^ b) * K1;
    h = (Long.rotateLeft(h, 29) ^ c) * K2;
    h = (Long.rotateLeft(h, 29) ^ d) * K0;
    return (int) (h >>> 32) ^ (int) (h >>> 7);
  }
}
