package io.semper.core.crypto;

import java.math.BigInteger;

/// The base field of alt_bn128 (EIP-196): 254 bits in four limbs.
final class Bn254Fp extends Fp {
  static final Bn254Fp INSTANCE = new Bn254Fp();

  private static final long P0 = 0x3c208c16d87cfd47L;
  private static final long P1 = 0x97816a916871ca8dL;
  private static final long P2 = 0xb85045b68181585dL;
  private static final long P3 = 0x30644e72e131a029L;

  /// -1 / p mod 2^64.
  private static final long MINUS_P_INVERSE = 0x87d20782e4866389L;

  private Bn254Fp() {
    super(
        4, new BigInteger("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47", 16));
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
    long t3 = s + b[bo + 3];
    reduce(r, ro, t0, t1, t2, t3);
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
    t3 = s + (P3 & mask);
    r[ro + 3] = t3;
  }

  /// One row per limb of `a`: add `a_i * b`, then the multiple of the modulus that clears the
  /// lowest limb, and move down by one limb.
  @Override
  void mul(long[] r, int ro, long[] a, int ao, long[] b, int bo) {
    long b0 = b[bo];
    long b1 = b[bo + 1];
    long b2 = b[bo + 2];
    long b3 = b[bo + 3];
    long t0 = 0;
    long t1 = 0;
    long t2 = 0;
    long t3 = 0;
    for (int i = 0; i < 4; i++) {
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
      t3 = top + c;
    }
    reduce(r, ro, t0, t1, t2, t3);
  }

  /// Stores a value below 2p less p, if it is not below p.
  private static void reduce(long[] r, int ro, long t0, long t1, long t2, long t3) {
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
    // Both lie below 2^255, so the sign of the top limb tells the borrow.
    long keep = d3 >> 63;
    r[ro] = d0 ^ (d0 ^ t0) & keep;
    r[ro + 1] = d1 ^ (d1 ^ t1) & keep;
    r[ro + 2] = d2 ^ (d2 ^ t2) & keep;
    r[ro + 3] = d3 ^ (d3 ^ t3) & keep;
  }
}
