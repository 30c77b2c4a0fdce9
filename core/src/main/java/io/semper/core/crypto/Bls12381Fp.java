package io.semper.core.crypto;

import java.math.BigInteger;

/// The base field of BLS12-381: 381 bits in seven signed limbs of 56.
///
/// Elements are those of [Bn254Fp], two thirds of the modulus on either side of zero at most. With
/// only eight bits to spare in a limb, sums are carried even where they are but operands. Against
/// six limbs of 64 bits a product takes 0.6 of the time, one in [Fp2] 0.5, a map to G1 0.7, one to
/// G2 0.5.
final class Bls12381Fp extends Fp {
  static final Bls12381Fp INSTANCE = new Bls12381Fp();

  private static final int LIMB_BITS = 56;
  private static final long MASK = (1L << LIMB_BITS) - 1;

  /// Both factors of a product are moved up by this, so that its high word begins at bit 56.
  private static final int SHIFT = 4;

  private static final long P0 = 0xfeffffffffaaabL;
  private static final long P1 = 0xfffeb153ffffb9L;
  private static final long P2 = 0xa0f6b0f6241eabL;
  private static final long P3 = 0xf38512bf6730d2L;
  private static final long P4 = 0x4bacd764774b84L;
  private static final long P5 = 0xe69a4b1ba7b643L;
  private static final long P6 = 0x1a0111ea397fL;

  private static final long M0 = P0 << SHIFT;
  private static final long M1 = P1 << SHIFT;
  private static final long M2 = P2 << SHIFT;
  private static final long M3 = P3 << SHIFT;
  private static final long M4 = P4 << SHIFT;
  private static final long M5 = P5 << SHIFT;
  private static final long M6 = P6 << SHIFT;

  /// 1 / p mod 2^56.
  private static final long P_INVERSE = 0xc000300030003L;

  /// `2^57 / p` in units of the top limb: what tells how many moduli a number is off.
  private static final long RECIPROCAL = (1L << 57) / P6;

  private Bls12381Fp() {
    super(
        7,
        LIMB_BITS,
        new BigInteger(
            "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf"
                + "6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
            16));
  }

  @Override
  void sum(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    store(
        r,
        ro,
        a[ao] + b[bo],
        a[ao + 1] + b[bo + 1],
        a[ao + 2] + b[bo + 2],
        a[ao + 3] + b[bo + 3],
        a[ao + 4] + b[bo + 4],
        a[ao + 5] + b[bo + 5],
        a[ao + 6] + b[bo + 6]);
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
        a[ao + 4] + b[bo + 4],
        a[ao + 5] + b[bo + 5],
        a[ao + 6] + b[bo + 6]);
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
        a[ao + 4] - b[bo + 4],
        a[ao + 5] - b[bo + 5],
        a[ao + 6] - b[bo + 6]);
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
        a[ao + 4] + k * b[bo + 4] + l * c[co + 4],
        a[ao + 5] + k * b[bo + 5] + l * c[co + 5],
        a[ao + 6] + k * b[bo + 6] + l * c[co + 6]);
  }

  @Override
  void neg(long[] r, int ro, long[] a, int ao) {
    store(r, ro, -a[ao], -a[ao + 1], -a[ao + 2], -a[ao + 3], -a[ao + 4], -a[ao + 5], -a[ao + 6]);
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
    long t5 = a[ao + 5] + (P5 & odd);
    long t6 = a[ao + 6] + (P6 & odd);
    int top = LIMB_BITS - 1;
    store(
        r,
        ro,
        (t0 >> 1) + ((t1 & 1) << top),
        (t1 >> 1) + ((t2 & 1) << top),
        (t2 >> 1) + ((t3 & 1) << top),
        (t3 >> 1) + ((t4 & 1) << top),
        (t4 >> 1) + ((t5 & 1) << top),
        (t5 >> 1) + ((t6 & 1) << top),
        t6 >> 1);
  }

  /// Rows as in [Bn254Fp].
  @Override
  void mul(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    long b0 = b[bo] << SHIFT;
    long b1 = b[bo + 1] << SHIFT;
    long b2 = b[bo + 2] << SHIFT;
    long b3 = b[bo + 3] << SHIFT;
    long b4 = b[bo + 4] << SHIFT;
    long b5 = b[bo + 5] << SHIFT;
    long b6 = b[bo + 6] << SHIFT;
    long t0 = 0;
    long t1 = 0;
    long t2 = 0;
    long t3 = 0;
    long t4 = 0;
    long t5 = 0;
    long t6 = 0;
    for (int i = 0; i < 7; i++) {
      long x = a[ao + i] << SHIFT;
      t0 += low(x, b0);
      t1 += high(x, b0) + low(x, b1);
      t2 += high(x, b1) + low(x, b2);
      t3 += high(x, b2) + low(x, b3);
      t4 += high(x, b3) + low(x, b4);
      t5 += high(x, b4) + low(x, b5);
      t6 += high(x, b5) + low(x, b6);
      long m = multiple(t0);
      t0 = t1 + (t0 >> LIMB_BITS) - high(m, M0) - low(m, M1);
      t1 = t2 - high(m, M1) - low(m, M2);
      t2 = t3 - high(m, M2) - low(m, M3);
      t3 = t4 - high(m, M3) - low(m, M4);
      t4 = t5 - high(m, M4) - low(m, M5);
      t5 = t6 - high(m, M5) - low(m, M6);
      t6 = high(x, b6) - high(m, M6);
    }
    store(r, ro, t0, t1, t2, t3, t4, t5, t6);
  }

  /// Both coefficients as sums of two products that are reduced once.
  @Override
  void mul2(long[] r, long[] a, long[] b, long[] s) {
    mulAdd(s, 0, a, 0, b, 0, a, 7, b, 7, -1);
    mulAdd(s, 7, a, 0, b, 7, a, 7, b, 0, 0);
    System.arraycopy(s, 0, r, 0, 14);
  }

  @Override
  void sqr2(long[] r, long[] a, long[] s) {
    sum(s, 0, a, 0, a, 7);
    sub(s, 7, a, 0, a, 7);
    sum(s, 14, a, 0, a, 0);
    mul(r, 7, s, 14, a, 7);
    mul(r, 0, s, 0, s, 7);
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
    long b5 = b[bo + 5] << SHIFT;
    long b6 = b[bo + 6] << SHIFT;
    long d0 = (d[at] ^ sign) - sign << SHIFT;
    long d1 = (d[at + 1] ^ sign) - sign << SHIFT;
    long d2 = (d[at + 2] ^ sign) - sign << SHIFT;
    long d3 = (d[at + 3] ^ sign) - sign << SHIFT;
    long d4 = (d[at + 4] ^ sign) - sign << SHIFT;
    long d5 = (d[at + 5] ^ sign) - sign << SHIFT;
    long d6 = (d[at + 6] ^ sign) - sign << SHIFT;
    long t0 = 0;
    long t1 = 0;
    long t2 = 0;
    long t3 = 0;
    long t4 = 0;
    long t5 = 0;
    long t6 = 0;
    for (int i = 0; i < 7; i++) {
      long x = a[ao + i] << SHIFT;
      long y = c[co + i] << SHIFT;
      t0 += low(x, b0) + low(y, d0);
      t1 += high(x, b0) + low(x, b1) + high(y, d0) + low(y, d1);
      t2 += high(x, b1) + low(x, b2) + high(y, d1) + low(y, d2);
      t3 += high(x, b2) + low(x, b3) + high(y, d2) + low(y, d3);
      t4 += high(x, b3) + low(x, b4) + high(y, d3) + low(y, d4);
      t5 += high(x, b4) + low(x, b5) + high(y, d4) + low(y, d5);
      t6 += high(x, b5) + low(x, b6) + high(y, d5) + low(y, d6);
      long m = multiple(t0);
      t0 = t1 + (t0 >> LIMB_BITS) - high(m, M0) - low(m, M1);
      t1 = t2 - high(m, M1) - low(m, M2);
      t2 = t3 - high(m, M2) - low(m, M3);
      t3 = t4 - high(m, M3) - low(m, M4);
      t4 = t5 - high(m, M4) - low(m, M5);
      t5 = t6 - high(m, M5) - low(m, M6);
      t6 = high(x, b6) + high(y, d6) - high(m, M6);
    }
    store(r, ro, t0, t1, t2, t3, t4, t5, t6);
  }

  /// The low 56 bits of a product of limbs that are moved up by [#SHIFT].
  private static long low(long x, long y) {
    return x * y >>> 2 * SHIFT;
  }

  private static long high(long x, long y) {
    return Math.multiplyHigh(x, y);
  }

  /// How often the modulus has to be taken from a number with this lowest limb, between -2^55 and
  /// 2^55 and moved up by [#SHIFT].
  private static long multiple(long limb) {
    return limb * P_INVERSE << 2 * SHIFT >> SHIFT;
  }

  /// Stores a number of up to 30 moduli less the multiple of the modulus next to it.
  private static void reduce(
      long[] r, int ro, long t0, long t1, long t2, long t3, long t4, long t5, long t6) {
    long q = t6 * RECIPROCAL + (1L << 56) >> 57;
    store(
        r,
        ro,
        t0 - q * P0,
        t1 - q * P1,
        t2 - q * P2,
        t3 - q * P3,
        t4 - q * P4,
        t5 - q * P5,
        t6 - q * P6);
  }

  private static void store(
      long[] r, int ro, long t0, long t1, long t2, long t3, long t4, long t5, long t6) {
    t1 += t0 >> LIMB_BITS;
    t2 += t1 >> LIMB_BITS;
    t3 += t2 >> LIMB_BITS;
    t4 += t3 >> LIMB_BITS;
    t5 += t4 >> LIMB_BITS;
    r[ro] = t0 & MASK;
    r[ro + 1] = t1 & MASK;
    r[ro + 2] = t2 & MASK;
    r[ro + 3] = t3 & MASK;
    r[ro + 4] = t4 & MASK;
    r[ro + 5] = t5 & MASK;
    r[ro + 6] = t6 + (t5 >> LIMB_BITS);
  }

  @Override
  void pack(long[] plain, long[] a, int ao) {
    long negative = a[ao + 6] >> 63;
    long[] t = new long[7];
    store(
        t,
        0,
        a[ao] + (P0 & negative),
        a[ao + 1] + (P1 & negative),
        a[ao + 2] + (P2 & negative),
        a[ao + 3] + (P3 & negative),
        a[ao + 4] + (P4 & negative),
        a[ao + 5] + (P5 & negative),
        a[ao + 6] + (P6 & negative));
    plain[0] = t[0] | t[1] << 56;
    plain[1] = t[1] >>> 8 | t[2] << 48;
    plain[2] = t[2] >>> 16 | t[3] << 40;
    plain[3] = t[3] >>> 24 | t[4] << 32;
    plain[4] = t[4] >>> 32 | t[5] << 24;
    plain[5] = t[5] >>> 40 | t[6] << 16;
  }

  @Override
  void unpack(long[] r, int ro, long[] plain) {
    r[ro] = plain[0] & MASK;
    r[ro + 1] = (plain[0] >>> 56 | plain[1] << 8) & MASK;
    r[ro + 2] = (plain[1] >>> 48 | plain[2] << 16) & MASK;
    r[ro + 3] = (plain[2] >>> 40 | plain[3] << 24) & MASK;
    r[ro + 4] = (plain[3] >>> 32 | plain[4] << 32) & MASK;
    r[ro + 5] = (plain[4] >>> 24 | plain[5] << 40) & MASK;
    r[ro + 6] = plain[5] >>> 16;
  }
}
