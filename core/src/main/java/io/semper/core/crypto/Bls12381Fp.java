package io.semper.core.crypto;

import java.math.BigInteger;

/// The base field of BLS12-381: 381 bits in six limbs of 64, always fully reduced.
///
/// The modulus leaves bits of the top limb free, which is what lets a sum of two elements and the
/// Montgomery accumulator stay within six limbs ("no-carry" variant of the CIOS method: Koç, Acar,
/// Kaliski 1996; the observation on the free bit is from the gnark authors).
final class Bls12381Fp extends Fp {
  static final Bls12381Fp INSTANCE = new Bls12381Fp();

  private static final long P0 = 0xb9feffffffffaaabL;
  private static final long P1 = 0x1eabfffeb153ffffL;
  private static final long P2 = 0x6730d2a0f6b0f624L;
  private static final long P3 = 0x64774b84f38512bfL;
  private static final long P4 = 0x4b1ba7b6434bacd7L;
  private static final long P5 = 0x1a0111ea397fe69aL;

  /// -1 / p mod 2^64.
  private static final long MINUS_P_INVERSE = 0x89f3fffcfffcfffdL;

  private Bls12381Fp() {
    super(
        6,
        64,
        new BigInteger(
            "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf"
                + "6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
            16));
  }

  @Override
  void sum(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    add(r, ro, a, ao, b, bo);
  }

  /// `r` is not `b`, and not `a` where `c` counts twice.
  @Override
  void linear(
      long[] r, int ro, long[] a, int ao, int k, long[] b, int bo, int l, long[] c, int co) {
    long[] last = c;
    int at = co;
    if (Math.abs(l) == 2) {
      add(r, ro, c, co, c, co);
      last = r;
      at = ro;
    }
    if (l > 0) {
      add(r, ro, a, ao, last, at);
    } else {
      sub(r, ro, a, ao, last, at);
    }
    for (int i = 0; i < Math.abs(k); i++) {
      if (k > 0) {
        add(r, ro, r, ro, b, bo);
      } else {
        sub(r, ro, r, ro, b, bo);
      }
    }
  }

  /// Karatsuba's three products.
  @Override
  void mul2(long[] r, long[] a, long[] b, long[] s) {
    add(s, 0, a, 0, a, 6);
    add(s, 6, b, 0, b, 6);
    mul(s, 12, s, 0, s, 6);
    mul(s, 0, a, 0, b, 0);
    mul(s, 6, a, 6, b, 6);
    sub(r, 0, s, 0, s, 6);
    sub(s, 12, s, 12, s, 0);
    sub(r, 6, s, 12, s, 6);
  }

  @Override
  void sqr2(long[] r, long[] a, long[] s) {
    add(s, 0, a, 0, a, 6);
    sub(s, 6, a, 0, a, 6);
    mul(s, 12, a, 0, a, 6);
    mul(r, 0, s, 0, s, 6);
    add(r, 6, s, 12, s, 12);
  }

  @Override
  void neg(long[] r, int ro, long[] a, int ao) {
    long any = 0;
    for (int i = 0; i < words; i++) {
      any |= a[ao + i];
    }
    long mask = any == 0 ? 0 : -1;
    long w = 0;
    for (int i = 0; i < words; i++) {
      long minuend = p[i] & mask;
      long subtrahend = a[ao + i];
      long d = minuend - subtrahend;
      r[ro + i] = d - w;
      w = borrow(minuend, subtrahend) + borrow(d, w);
    }
  }

  /// `a / 2`: the shifted value, plus `(p + 1) / 2` when `a` is odd.
  @Override
  void half(long[] r, int ro, long[] a, int ao) {
    long mask = -(a[ao] & 1);
    long c = mask & 1;
    for (int i = 0; i < words; i++) {
      long next = i + 1 < words ? a[ao + i + 1] : 0;
      long shifted = a[ao + i] >>> 1 | next << 63;
      long s = shifted + c;
      c = carry(s, c);
      long t = s + (halfP[i] & mask);
      c += carry(t, s);
      r[ro + i] = t;
    }
  }

  @Override
  void pack(long[] plain, long[] a, int ao) {
    System.arraycopy(a, ao, plain, 0, words);
  }

  @Override
  void unpack(long[] r, int ro, long[] plain) {
    System.arraycopy(plain, 0, r, ro, words);
  }

  @Override
  void add(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    long t0 = a[ao] + b[bo];
    long c = carry(t0, a[ao]);
    long s;
    s = a[ao + 1] + c;
    c = carry(s, c);
    long t1 = s + b[bo + 1];
    c += carry(t1, s);
    s = a[ao + 2] + c;
    c = carry(s, c);
    long t2 = s + b[bo + 2];
    c += carry(t2, s);
    s = a[ao + 3] + c;
    c = carry(s, c);
    long t3 = s + b[bo + 3];
    c += carry(t3, s);
    s = a[ao + 4] + c;
    c = carry(s, c);
    long t4 = s + b[bo + 4];
    c += carry(t4, s);
    s = a[ao + 5] + c;
    long t5 = s + b[bo + 5];
    reduce(r, ro, t0, t1, t2, t3, t4, t5);
  }

  @Override
  void sub(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    long t0 = a[ao] - b[bo];
    long w = borrow(a[ao], b[bo]);
    long d;
    d = a[ao + 1] - b[bo + 1];
    long t1 = d - w;
    w = borrow(a[ao + 1], b[bo + 1]) + borrow(d, w);
    d = a[ao + 2] - b[bo + 2];
    long t2 = d - w;
    w = borrow(a[ao + 2], b[bo + 2]) + borrow(d, w);
    d = a[ao + 3] - b[bo + 3];
    long t3 = d - w;
    w = borrow(a[ao + 3], b[bo + 3]) + borrow(d, w);
    d = a[ao + 4] - b[bo + 4];
    long t4 = d - w;
    w = borrow(a[ao + 4], b[bo + 4]) + borrow(d, w);
    d = a[ao + 5] - b[bo + 5];
    long t5 = d - w;
    w = borrow(a[ao + 5], b[bo + 5]) + borrow(d, w);
    long mask = -w;
    long c;
    long s;
    s = t0 + (P0 & mask);
    c = carry(s, t0);
    r[ro] = s;
    s = t1 + c;
    c = carry(s, c);
    t1 = s + (P1 & mask);
    c += carry(t1, s);
    r[ro + 1] = t1;
    s = t2 + c;
    c = carry(s, c);
    t2 = s + (P2 & mask);
    c += carry(t2, s);
    r[ro + 2] = t2;
    s = t3 + c;
    c = carry(s, c);
    t3 = s + (P3 & mask);
    c += carry(t3, s);
    r[ro + 3] = t3;
    s = t4 + c;
    c = carry(s, c);
    t4 = s + (P4 & mask);
    c += carry(t4, s);
    r[ro + 4] = t4;
    s = t5 + c;
    t5 = s + (P5 & mask);
    r[ro + 5] = t5;
  }

  /// One row per limb of `a`: add `a_i * b`, then the multiple of the modulus that clears the
  /// lowest limb, and move down by one limb.
  @Override
  void mul(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    long b0 = b[bo];
    long b1 = b[bo + 1];
    long b2 = b[bo + 2];
    long b3 = b[bo + 3];
    long b4 = b[bo + 4];
    long b5 = b[bo + 5];
    long t0 = 0;
    long t1 = 0;
    long t2 = 0;
    long t3 = 0;
    long t4 = 0;
    long t5 = 0;
    for (int i = 0; i < 6; i++) {
      long x = a[ao + i];
      long lo = x * b0;
      t0 += lo;
      long c = Math.unsignedMultiplyHigh(x, b0) + carry(t0, lo);
      lo = x * b1 + c;
      c = Math.unsignedMultiplyHigh(x, b1) + carry(lo, c);
      t1 += lo;
      c += carry(t1, lo);
      lo = x * b2 + c;
      c = Math.unsignedMultiplyHigh(x, b2) + carry(lo, c);
      t2 += lo;
      c += carry(t2, lo);
      lo = x * b3 + c;
      c = Math.unsignedMultiplyHigh(x, b3) + carry(lo, c);
      t3 += lo;
      c += carry(t3, lo);
      lo = x * b4 + c;
      c = Math.unsignedMultiplyHigh(x, b4) + carry(lo, c);
      t4 += lo;
      c += carry(t4, lo);
      lo = x * b5 + c;
      c = Math.unsignedMultiplyHigh(x, b5) + carry(lo, c);
      t5 += lo;
      c += carry(t5, lo);
      long top = c;
      long m = t0 * MINUS_P_INVERSE;
      lo = m * P0 + t0;
      c = Math.unsignedMultiplyHigh(m, P0) + carry(lo, t0);
      lo = m * P1 + c;
      c = Math.unsignedMultiplyHigh(m, P1) + carry(lo, c);
      t0 = t1 + lo;
      c += carry(t0, lo);
      lo = m * P2 + c;
      c = Math.unsignedMultiplyHigh(m, P2) + carry(lo, c);
      t1 = t2 + lo;
      c += carry(t1, lo);
      lo = m * P3 + c;
      c = Math.unsignedMultiplyHigh(m, P3) + carry(lo, c);
      t2 = t3 + lo;
      c += carry(t2, lo);
      lo = m * P4 + c;
      c = Math.unsignedMultiplyHigh(m, P4) + carry(lo, c);
      t3 = t4 + lo;
      c += carry(t3, lo);
      lo = m * P5 + c;
      c = Math.unsignedMultiplyHigh(m, P5) + carry(lo, c);
      t4 = t5 + lo;
      c += carry(t4, lo);
      t5 = top + c;
    }
    reduce(r, ro, t0, t1, t2, t3, t4, t5);
  }

  /// Stores a value below 2p less p, if it is not below p.
  private static void reduce(
      long[] r, int ro, long t0, long t1, long t2, long t3, long t4, long t5) {
    long d0 = t0 - P0;
    long w = borrow(t0, P0);
    long d;
    d = t1 - P1;
    long d1 = d - w;
    w = borrow(t1, P1) + borrow(d, w);
    d = t2 - P2;
    long d2 = d - w;
    w = borrow(t2, P2) + borrow(d, w);
    d = t3 - P3;
    long d3 = d - w;
    w = borrow(t3, P3) + borrow(d, w);
    d = t4 - P4;
    long d4 = d - w;
    w = borrow(t4, P4) + borrow(d, w);
    d = t5 - P5;
    long d5 = d - w;
    // Both lie below 2^383, so the sign of the top limb tells the borrow.
    long keep = d5 >> 63;
    r[ro] = d0 ^ (d0 ^ t0) & keep;
    r[ro + 1] = d1 ^ (d1 ^ t1) & keep;
    r[ro + 2] = d2 ^ (d2 ^ t2) & keep;
    r[ro + 3] = d3 ^ (d3 ^ t3) & keep;
    r[ro + 4] = d4 ^ (d4 ^ t4) & keep;
    r[ro + 5] = d5 ^ (d5 ^ t5) & keep;
  }
}
