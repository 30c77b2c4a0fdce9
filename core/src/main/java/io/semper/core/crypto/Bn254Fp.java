package io.semper.core.crypto;

import java.math.BigInteger;

/// The base field of alt_bn128 (EIP-196): 254 bits in five signed limbs of 52.
///
/// An element stands for its residue by any number within two thirds of the modulus on either side
/// of zero, with limbs in `[0, 2^52)` but the top one, which carries the sign: so zero alone is all
/// zeros. Operands of multiplications may also be sums of up to four elements, limb by limb.
///
/// Twelve bits to spare in each limb make carries wait until the end of an operation; on limbs of
/// 64 bits two of three instructions dealt with them. Against those a product in [Fp2] takes 0.8 of
/// the time, an element times `9 + u` 0.11, a pairing of two pairs 0.59.
final class Bn254Fp extends Fp {
  static final Bn254Fp INSTANCE = new Bn254Fp();

  private static final int LIMB_BITS = 52;
  private static final long MASK = (1L << LIMB_BITS) - 1;

  /// Both factors of a product are moved up by this, so that its high word begins at bit 52.
  private static final int SHIFT = 6;

  private static final long P0 = 0x8c16d87cfd47L;
  private static final long P1 = 0x916871ca8d3c2L;
  private static final long P2 = 0x181585d97816aL;
  private static final long P3 = 0xa029b85045b68L;
  private static final long P4 = 0x30644e72e131L;

  private static final long M0 = P0 << SHIFT;
  private static final long M1 = P1 << SHIFT;
  private static final long M2 = P2 << SHIFT;
  private static final long M3 = P3 << SHIFT;
  private static final long M4 = P4 << SHIFT;

  /// 1 / p mod 2^52.
  private static final long P_INVERSE = 0xdf87d1b799c77L;

  /// `2^57 / p` in units of the top limb: what tells how many moduli a number is off.
  private static final long RECIPROCAL = (1L << 57) / P4;

  private Bn254Fp() {
    super(
        5,
        LIMB_BITS,
        new BigInteger("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 16));
  }

  @Override
  void sum(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    r[ro] = a[ao] + b[bo];
    r[ro + 1] = a[ao + 1] + b[bo + 1];
    r[ro + 2] = a[ao + 2] + b[bo + 2];
    r[ro + 3] = a[ao + 3] + b[bo + 3];
    r[ro + 4] = a[ao + 4] + b[bo + 4];
  }

  @Override
  void add(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    reduce(
        r,
        ro,
        a[ao] + b[bo],
        a[ao + 1] + b[bo + 1],
        a[ao + 2] + b[bo + 2],
        a[ao + 3] + b[bo + 3],
        a[ao + 4] + b[bo + 4]);
  }

  @Override
  void sub(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    reduce(
        r,
        ro,
        a[ao] - b[bo],
        a[ao + 1] - b[bo + 1],
        a[ao + 2] - b[bo + 2],
        a[ao + 3] - b[bo + 3],
        a[ao + 4] - b[bo + 4]);
  }

  @Override
  void linear(
      long[] r, int ro, long[] a, int ao, int k, long[] b, int bo, int l, long[] c, int co) {
    reduce(
        r,
        ro,
        a[ao] + k * b[bo] + l * c[co],
        a[ao + 1] + k * b[bo + 1] + l * c[co + 1],
        a[ao + 2] + k * b[bo + 2] + l * c[co + 2],
        a[ao + 3] + k * b[bo + 3] + l * c[co + 3],
        a[ao + 4] + k * b[bo + 4] + l * c[co + 4]);
  }

  @Override
  void neg(long[] r, int ro, long[] a, int ao) {
    store(r, ro, -a[ao], -a[ao + 1], -a[ao + 2], -a[ao + 3], -a[ao + 4]);
  }

  /// An odd number is made even by a modulus.
  @Override
  void half(long[] r, int ro, long[] a, int ao) {
    long odd = -(a[ao] & 1);
    long t0 = a[ao] + (P0 & odd);
    long t1 = a[ao + 1] + (P1 & odd);
    long t2 = a[ao + 2] + (P2 & odd);
    long t3 = a[ao + 3] + (P3 & odd);
    long t4 = a[ao + 4] + (P4 & odd);
    int top = LIMB_BITS - 1;
    store(
        r,
        ro,
        (t0 >> 1) + ((t1 & 1) << top),
        (t1 >> 1) + ((t2 & 1) << top),
        (t2 >> 1) + ((t3 & 1) << top),
        (t3 >> 1) + ((t4 & 1) << top),
        t4 >> 1);
  }

  /// One row per limb of `a`: add `a_i * b`, then take away the multiple of the modulus that clears
  /// the lowest limb, and move down by one limb.
  @Override
  void mul(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    long b0 = b[bo] << SHIFT;
    long b1 = b[bo + 1] << SHIFT;
    long b2 = b[bo + 2] << SHIFT;
    long b3 = b[bo + 3] << SHIFT;
    long b4 = b[bo + 4] << SHIFT;
    long t0 = 0;
    long t1 = 0;
    long t2 = 0;
    long t3 = 0;
    long t4 = 0;
    for (int i = 0; i < 5; i++) {
      long x = a[ao + i] << SHIFT;
      t0 += low(x, b0);
      t1 += high(x, b0) + low(x, b1);
      t2 += high(x, b1) + low(x, b2);
      t3 += high(x, b2) + low(x, b3);
      t4 += high(x, b3) + low(x, b4);
      long m = multiple(t0);
      t0 = t1 + (t0 >> LIMB_BITS) - high(m, M0) - low(m, M1);
      t1 = t2 - high(m, M1) - low(m, M2);
      t2 = t3 - high(m, M2) - low(m, M3);
      t3 = t4 - high(m, M3) - low(m, M4);
      t4 = high(x, b4) - high(m, M4);
    }
    store(r, ro, t0, t1, t2, t3, t4);
  }

  /// Both coefficients as sums of two products that are reduced once.
  @Override
  void mul2(long[] r, long[] a, long[] b, long[] s) {
    mulAdd(s, 0, a, 0, b, 0, a, 5, b, 5, -1);
    mulAdd(s, 5, a, 0, b, 5, a, 5, b, 0, 0);
    System.arraycopy(s, 0, r, 0, 10);
  }

  @Override
  void sqr2(long[] r, long[] a, long[] s) {
    sum(s, 0, a, 0, a, 5);
    s[5] = a[0] - a[5];
    s[6] = a[1] - a[6];
    s[7] = a[2] - a[7];
    s[8] = a[3] - a[8];
    s[9] = a[4] - a[9];
    sum(s, 10, a, 0, a, 0);
    mul(r, 5, s, 10, a, 5);
    mul(r, 0, s, 0, s, 5);
  }

  /// `a b + c d`, or the difference where `sign` is -1.
  private static void mulAdd(
      long[] r,
      int ro,
      long[] a,
      int ao,
      long[] b,
      int bo,
      long[] c,
      int co,
      long[] d,
      int at,
      long sign) {
    long b0 = b[bo] << SHIFT;
    long b1 = b[bo + 1] << SHIFT;
    long b2 = b[bo + 2] << SHIFT;
    long b3 = b[bo + 3] << SHIFT;
    long b4 = b[bo + 4] << SHIFT;
    long d0 = (d[at] ^ sign) - sign << SHIFT;
    long d1 = (d[at + 1] ^ sign) - sign << SHIFT;
    long d2 = (d[at + 2] ^ sign) - sign << SHIFT;
    long d3 = (d[at + 3] ^ sign) - sign << SHIFT;
    long d4 = (d[at + 4] ^ sign) - sign << SHIFT;
    long t0 = 0;
    long t1 = 0;
    long t2 = 0;
    long t3 = 0;
    long t4 = 0;
    for (int i = 0; i < 5; i++) {
      long x = a[ao + i] << SHIFT;
      long y = c[co + i] << SHIFT;
      t0 += low(x, b0) + low(y, d0);
      t1 += high(x, b0) + low(x, b1) + high(y, d0) + low(y, d1);
      t2 += high(x, b1) + low(x, b2) + high(y, d1) + low(y, d2);
      t3 += high(x, b2) + low(x, b3) + high(y, d2) + low(y, d3);
      t4 += high(x, b3) + low(x, b4) + high(y, d3) + low(y, d4);
      long m = multiple(t0);
      t0 = t1 + (t0 >> LIMB_BITS) - high(m, M0) - low(m, M1);
      t1 = t2 - high(m, M1) - low(m, M2);
      t2 = t3 - high(m, M2) - low(m, M3);
      t3 = t4 - high(m, M3) - low(m, M4);
      t4 = high(x, b4) + high(y, d4) - high(m, M4);
    }
    store(r, ro, t0, t1, t2, t3, t4);
  }

  /// The low 52 bits of a product of limbs that are moved up by [#SHIFT].
  private static long low(long x, long y) {
    return x * y >>> 2 * SHIFT;
  }

  private static long high(long x, long y) {
    return Math.multiplyHigh(x, y);
  }

  /// How often the modulus has to be taken from a number with this lowest limb, between -2^51 and
  /// 2^51 and moved up by [#SHIFT].
  private static long multiple(long limb) {
    return limb * P_INVERSE << 2 * SHIFT >> SHIFT;
  }

  /// Stores a number of up to 30 moduli less the multiple of the modulus next to it.
  private static void reduce(long[] r, int ro, long t0, long t1, long t2, long t3, long t4) {
    long q = t4 * RECIPROCAL + (1L << 56) >> 57;
    store(r, ro, t0 - q * P0, t1 - q * P1, t2 - q * P2, t3 - q * P3, t4 - q * P4);
  }

  private static void store(long[] r, int ro, long t0, long t1, long t2, long t3, long t4) {
    t1 += t0 >> LIMB_BITS;
    t2 += t1 >> LIMB_BITS;
    t3 += t2 >> LIMB_BITS;
    r[ro] = t0 & MASK;
    r[ro + 1] = t1 & MASK;
    r[ro + 2] = t2 & MASK;
    r[ro + 3] = t3 & MASK;
    r[ro + 4] = t4 + (t3 >> LIMB_BITS);
  }

  @Override
  void pack(long[] plain, long[] a, int ao) {
    long negative = a[ao + 4] >> 63;
    long[] t = new long[5];
    store(
        t,
        0,
        a[ao] + (P0 & negative),
        a[ao + 1] + (P1 & negative),
        a[ao + 2] + (P2 & negative),
        a[ao + 3] + (P3 & negative),
        a[ao + 4] + (P4 & negative));
    plain[0] = t[0] | t[1] << 52;
    plain[1] = t[1] >>> 12 | t[2] << 40;
    plain[2] = t[2] >>> 24 | t[3] << 28;
    plain[3] = t[3] >>> 36 | t[4] << 16;
  }

  @Override
  void unpack(long[] r, int ro, long[] plain) {
    r[ro] = plain[0] & MASK;
    r[ro + 1] = (plain[0] >>> 52 | plain[1] << 12) & MASK;
    r[ro + 2] = (plain[1] >>> 40 | plain[2] << 24) & MASK;
    r[ro + 3] = (plain[2] >>> 28 | plain[3] << 36) & MASK;
    r[ro + 4] = plain[3] >>> 16;
  }
}
