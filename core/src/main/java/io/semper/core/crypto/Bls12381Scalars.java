package io.semper.core.crypto;

import java.math.BigInteger;

/// Arithmetic modulo the order of BLS12-381's groups, the field whose elements a blob holds.
///
/// Elements are four limbs, least significant first, in Montgomery form: a is stored as `a * 2^256
/// mod r`. The order leaves the top bit free, so sums do not overflow. Blobs need some forty
/// thousand products a check, so loops do; unrolled limbs as in the base fields would bring a few
/// milliseconds.
final class Bls12381Scalars {
  static final int BYTES = 32;

  static final BigInteger ORDER =
      new BigInteger("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001", 16);

  /// Generates the multiplicative group.
  private static final BigInteger GENERATOR = BigInteger.valueOf(7);

  private static final int WORDS = 4;
  private static final long[] R = limbs(ORDER);
  private static final long[] SQUARE_OF_RADIX =
      limbs(BigInteger.ONE.shiftLeft(2 * 64 * WORDS).mod(ORDER));

  /// -1 / r mod 2^64.
  private static final long MINUS_R_INVERSE =
      ORDER.negate().modInverse(BigInteger.ONE.shiftLeft(64)).longValue();

  private static final long[] PLAIN_ONE = {1, 0, 0, 0};

  private Bls12381Scalars() {}

  private static long[] limbs(BigInteger value) {
    long[] limbs = new long[WORDS];
    for (int i = 0; i < WORDS; i++) {
      limbs[i] = value.shiftRight(64 * i).longValue();
    }
    return limbs;
  }

  /// In Montgomery form.
  static long[] of(BigInteger value) {
    return mul(limbs(value.mod(ORDER)), SQUARE_OF_RADIX);
  }

  /// The element 32 big-endian bytes stand for, or `null` where they are not below the order.
  static long[] read(byte[] in, int at) {
    long[] plain = MultiScalar.readScalar(in, at);
    return Bls12381Endomorphisms.isBelowOrder(plain) ? mul(plain, SQUARE_OF_RADIX) : null;
  }

  /// Out of Montgomery form: what [MultiScalar] takes.
  static long[] plain(long[] a) {
    return mul(a, PLAIN_ONE);
  }

  static long[] zero() {
    return new long[WORDS];
  }

  static long[] one() {
    return of(BigInteger.ONE);
  }

  /// A root of unity of this order, a power of two up to 2^32.
  static long[] rootOfUnity(int order) {
    BigInteger exponent = ORDER.subtract(BigInteger.ONE).divide(BigInteger.valueOf(order));
    return of(GENERATOR.modPow(exponent, ORDER));
  }

  static long[] add(long[] a, long[] b) {
    long[] sum = new long[WORDS];
    long carry = 0;
    for (int i = 0; i < WORDS; i++) {
      long t = a[i] + carry;
      long c = Fp.carry(t, carry);
      sum[i] = t + b[i];
      carry = c + Fp.carry(sum[i], t);
    }
    reduceOnce(sum);
    return sum;
  }

  static long[] sub(long[] a, long[] b) {
    long[] r = new long[WORDS];
    if (subtract(r, a, b) != 0) {
      long carry = 0;
      for (int i = 0; i < WORDS; i++) {
        long t = r[i] + carry;
        long c = Fp.carry(t, carry);
        r[i] = t + R[i];
        carry = c + Fp.carry(r[i], t);
      }
    }
    return r;
  }

  private static long subtract(long[] r, long[] a, long[] b) {
    long borrow = 0;
    for (int i = 0; i < WORDS; i++) {
      long d = a[i] - b[i];
      long w = Fp.borrow(a[i], b[i]);
      long e = d - borrow;
      borrow = w + Fp.borrow(d, borrow);
      r[i] = e;
    }
    return borrow;
  }

  private static void reduceOnce(long[] a) {
    long[] less = new long[WORDS];
    if (subtract(less, a, R) == 0) {
      System.arraycopy(less, 0, a, 0, WORDS);
    }
  }

  /// Coarsely integrated operand scanning (Koç, Acar, Kaliski 1996), without the carry word that
  /// the free top bit makes unnecessary.
  static long[] mul(long[] a, long[] b) {
    long[] t = new long[WORDS];
    for (int i = 0; i < WORDS; i++) {
      long low = a[i] * b[0];
      long high = Math.unsignedMultiplyHigh(a[i], b[0]);
      long s = low + t[0];
      long carryA = high + Fp.carry(s, low);
      long m = s * MINUS_R_INVERSE;
      long reduced = m * R[0];
      long carryM = Math.unsignedMultiplyHigh(m, R[0]) + Fp.carry(reduced + s, s);
      for (int j = 1; j < WORDS; j++) {
        low = a[i] * b[j];
        high = Math.unsignedMultiplyHigh(a[i], b[j]);
        s = low + t[j];
        high += Fp.carry(s, low);
        long u = s + carryA;
        carryA = high + Fp.carry(u, s);
        low = m * R[j];
        high = Math.unsignedMultiplyHigh(m, R[j]);
        s = low + u;
        high += Fp.carry(s, low);
        u = s + carryM;
        carryM = high + Fp.carry(u, s);
        t[j - 1] = u;
      }
      t[WORDS - 1] = carryA + carryM;
    }
    reduceOnce(t);
    return t;
  }

  static long[] inverse(long[] a) {
    long[] plain = plain(a);
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bytes[BYTES - 1 - i] = (byte) (plain[i / 8] >>> 8 * (i % 8));
    }
    return of(new BigInteger(1, bytes).modInverse(ORDER));
  }
}
