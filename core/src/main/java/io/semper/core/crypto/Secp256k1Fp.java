package io.semper.core.crypto;

import java.math.BigInteger;

/// The base field of secp256k1 (SEC 2): the integers modulo `p = 2^256 - C`, `C = 2^32 + 977`, as
/// plain residues in four limbs.
///
/// The shape of the modulus makes reduction cheaper than Montgomery's: what stands above 2^256 is
/// multiplied by C and added below.
final class Secp256k1Fp extends Field {
  private static final long C = 0x1000003D1L;

  /// The lowest limb of p; the other three are all ones.
  private static final long P0 = -C;

  private static final BigInteger P = BigInteger.TWO.pow(256).subtract(BigInteger.valueOf(C));

  /// After the constants that it needs.
  static final Secp256k1Fp INSTANCE = new Secp256k1Fp();

  private final ModularInverse inverse = new ModularInverse(P, 4);

  private Secp256k1Fp() {
    super(4);
  }

  private static long carry(long sum, long addend) {
    return Fp.carry(sum, addend);
  }

  @Override
  long[] one() {
    return new long[] {1, 0, 0, 0};
  }

  @Override
  void add(long[] r, long[] a, long[] b) {
    long r0 = a[0] + b[0];
    long c = carry(r0, a[0]);
    long s = a[1] + c;
    c = carry(s, c);
    long r1 = s + b[1];
    c += carry(r1, s);
    s = a[2] + c;
    c = carry(s, c);
    long r2 = s + b[2];
    c += carry(r2, s);
    s = a[3] + c;
    c = carry(s, c);
    long r3 = s + b[3];
    c += carry(r3, s);
    store(r, r0, r1, r2, r3, c);
  }

  /// Where the difference is negative 2^256 has been added to it, C more than the modulus.
  @Override
  void sub(long[] r, long[] a, long[] b) {
    long r0 = a[0] - b[0];
    long w = Fp.borrow(a[0], b[0]);
    long d = a[1] - b[1];
    long r1 = d - w;
    w = Fp.borrow(a[1], b[1]) + Fp.borrow(d, w);
    d = a[2] - b[2];
    long r2 = d - w;
    w = Fp.borrow(a[2], b[2]) + Fp.borrow(d, w);
    d = a[3] - b[3];
    long r3 = d - w;
    w = Fp.borrow(a[3], b[3]) + Fp.borrow(d, w);
    long excess = C & -w;
    r[0] = r0 - excess;
    w = Fp.borrow(r0, excess);
    r[1] = r1 - w;
    w = Fp.borrow(r1, w);
    r[2] = r2 - w;
    r[3] = r3 - Fp.borrow(r2, w);
  }

  @Override
  void neg(long[] r, long[] a) {
    if (isZero(a)) {
      set(r, a);
      return;
    }
    long r0 = P0 - a[0];
    long w = Fp.borrow(P0, a[0]);
    r[0] = r0;
    long r1 = ~a[1];
    r[1] = r1 - w;
    w = Fp.borrow(r1, w);
    long r2 = ~a[2];
    r[2] = r2 - w;
    r[3] = ~a[3] - Fp.borrow(r2, w);
  }

  @Override
  void half(long[] r, long[] a) {
    // An odd value gets p added, which carries into bit 256 unless the value is small.
    long odd = -(a[0] & 1);
    long r0 = a[0] + (P0 & odd);
    long c = carry(r0, a[0]);
    long s = a[1] + c;
    c = carry(s, c);
    long r1 = s + odd;
    c += carry(r1, s);
    s = a[2] + c;
    c = carry(s, c);
    long r2 = s + odd;
    c += carry(r2, s);
    s = a[3] + c;
    c = carry(s, c);
    long r3 = s + odd;
    c += carry(r3, s);
    r[0] = r0 >>> 1 | r1 << 63;
    r[1] = r1 >>> 1 | r2 << 63;
    r[2] = r2 >>> 1 | r3 << 63;
    r[3] = r3 >>> 1 | c << 63;
  }

  @Override
  void mul(long[] r, long[] a, long[] b) {
    long a0 = a[0];
    long a1 = a[1];
    long a2 = a[2];
    long a3 = a[3];
    long b0 = b[0];
    long b1 = b[1];
    long b2 = b[2];
    long b3 = b[3];
    long l;
    long s;
    // a0 * b
    long r0 = a0 * b0;
    long c = Math.unsignedMultiplyHigh(a0, b0);
    l = a0 * b1;
    long r1 = l + c;
    c = Math.unsignedMultiplyHigh(a0, b1) + carry(r1, l);
    l = a0 * b2;
    long r2 = l + c;
    c = Math.unsignedMultiplyHigh(a0, b2) + carry(r2, l);
    l = a0 * b3;
    long r3 = l + c;
    c = Math.unsignedMultiplyHigh(a0, b3) + carry(r3, l);
    long r4 = c;
    // a1 * b
    l = a1 * b0;
    r1 += l;
    c = Math.unsignedMultiplyHigh(a1, b0) + carry(r1, l);
    l = a1 * b1;
    s = l + c;
    r2 += s;
    c = Math.unsignedMultiplyHigh(a1, b1) + carry(s, l) + carry(r2, s);
    l = a1 * b2;
    s = l + c;
    r3 += s;
    c = Math.unsignedMultiplyHigh(a1, b2) + carry(s, l) + carry(r3, s);
    l = a1 * b3;
    s = l + c;
    r4 += s;
    c = Math.unsignedMultiplyHigh(a1, b3) + carry(s, l) + carry(r4, s);
    long r5 = c;
    // a2 * b
    l = a2 * b0;
    r2 += l;
    c = Math.unsignedMultiplyHigh(a2, b0) + carry(r2, l);
    l = a2 * b1;
    s = l + c;
    r3 += s;
    c = Math.unsignedMultiplyHigh(a2, b1) + carry(s, l) + carry(r3, s);
    l = a2 * b2;
    s = l + c;
    r4 += s;
    c = Math.unsignedMultiplyHigh(a2, b2) + carry(s, l) + carry(r4, s);
    l = a2 * b3;
    s = l + c;
    r5 += s;
    c = Math.unsignedMultiplyHigh(a2, b3) + carry(s, l) + carry(r5, s);
    long r6 = c;
    // a3 * b
    l = a3 * b0;
    r3 += l;
    c = Math.unsignedMultiplyHigh(a3, b0) + carry(r3, l);
    l = a3 * b1;
    s = l + c;
    r4 += s;
    c = Math.unsignedMultiplyHigh(a3, b1) + carry(s, l) + carry(r4, s);
    l = a3 * b2;
    s = l + c;
    r5 += s;
    c = Math.unsignedMultiplyHigh(a3, b2) + carry(s, l) + carry(r5, s);
    l = a3 * b3;
    s = l + c;
    r6 += s;
    c = Math.unsignedMultiplyHigh(a3, b3) + carry(s, l) + carry(r6, s);
    long r7 = c;
    fold(r, r0, r1, r2, r3, r4, r5, r6, r7);
  }

  @Override
  void sqr(long[] r, long[] a) {
    long a0 = a[0];
    long a1 = a[1];
    long a2 = a[2];
    long a3 = a[3];
    // The products of different limbs, of which there are two each
    long r1 = a0 * a1;
    long c = Math.unsignedMultiplyHigh(a0, a1);
    long l = a0 * a2;
    long r2 = l + c;
    c = Math.unsignedMultiplyHigh(a0, a2) + carry(r2, l);
    l = a0 * a3;
    long r3 = l + c;
    long r4 = Math.unsignedMultiplyHigh(a0, a3) + carry(r3, l);
    l = a1 * a2;
    r3 += l;
    c = Math.unsignedMultiplyHigh(a1, a2) + carry(r3, l);
    l = a1 * a3;
    long s = l + c;
    r4 += s;
    long r5 = Math.unsignedMultiplyHigh(a1, a3) + carry(s, l) + carry(r4, s);
    l = a2 * a3;
    r5 += l;
    long r6 = Math.unsignedMultiplyHigh(a2, a3) + carry(r5, l);
    long r7 = r6 >>> 63;
    r6 = r6 << 1 | r5 >>> 63;
    r5 = r5 << 1 | r4 >>> 63;
    r4 = r4 << 1 | r3 >>> 63;
    r3 = r3 << 1 | r2 >>> 63;
    r2 = r2 << 1 | r1 >>> 63;
    r1 <<= 1;
    // The squares
    long r0 = a0 * a0;
    l = Math.unsignedMultiplyHigh(a0, a0);
    r1 += l;
    c = carry(r1, l);
    l = a1 * a1;
    s = l + c;
    r2 += s;
    c = carry(s, l) + carry(r2, s);
    l = Math.unsignedMultiplyHigh(a1, a1);
    s = l + c;
    r3 += s;
    c = carry(s, l) + carry(r3, s);
    l = a2 * a2;
    s = l + c;
    r4 += s;
    c = carry(s, l) + carry(r4, s);
    l = Math.unsignedMultiplyHigh(a2, a2);
    s = l + c;
    r5 += s;
    c = carry(s, l) + carry(r5, s);
    l = a3 * a3;
    s = l + c;
    r6 += s;
    c = carry(s, l) + carry(r6, s);
    r7 += Math.unsignedMultiplyHigh(a3, a3) + c;
    fold(r, r0, r1, r2, r3, r4, r5, r6, r7);
  }

  /// Stores a value of 512 bits modulo p.
  private static void fold(
      long[] r, long r0, long r1, long r2, long r3, long r4, long r5, long r6, long r7) {
    // The upper half times C, at most 34 bits above 2^256 ...
    long l = r4 * C;
    long t0 = r0 + l;
    long c = Math.unsignedMultiplyHigh(r4, C) + carry(t0, l);
    l = r5 * C;
    long s = l + c;
    long t1 = r1 + s;
    c = Math.unsignedMultiplyHigh(r5, C) + carry(s, l) + carry(t1, s);
    l = r6 * C;
    s = l + c;
    long t2 = r2 + s;
    c = Math.unsignedMultiplyHigh(r6, C) + carry(s, l) + carry(t2, s);
    l = r7 * C;
    s = l + c;
    long t3 = r3 + s;
    c = Math.unsignedMultiplyHigh(r7, C) + carry(s, l) + carry(t3, s);
    // ... and those times C once more.
    l = c * C;
    t0 += l;
    s = Math.unsignedMultiplyHigh(c, C) + carry(t0, l);
    t1 += s;
    c = carry(t1, s);
    t2 += c;
    c = carry(t2, c);
    t3 += c;
    c = carry(t3, c);
    store(r, t0, t1, t2, t3, c);
  }

  @Override
  void inv(long[] r, long[] a) {
    inverse.invert(r, 0, a, 0);
  }

  /// p is 3 mod 4, so the candidate is `a^((p + 1) / 4)`. In binary that exponent is 223 ones, a
  /// zero, 22 ones, four zeros, two ones and two zeros; `xN` is `a` to the power of N ones.
  @Override
  boolean sqrt(long[] r, long[] a) {
    long[] x2 = shifted(a, 1, a);
    long[] x3 = shifted(x2, 1, a);
    long[] x6 = shifted(x3, 3, x3);
    long[] x9 = shifted(x6, 3, x3);
    long[] x11 = shifted(x9, 2, x2);
    long[] x22 = shifted(x11, 11, x11);
    long[] x44 = shifted(x22, 22, x22);
    long[] x88 = shifted(x44, 44, x44);
    long[] x176 = shifted(x88, 88, x88);
    long[] x220 = shifted(x176, 44, x44);
    long[] x223 = shifted(x220, 3, x3);
    long[] root = shifted(shifted(x223, 23, x22), 6, x2);
    sqr(root, root);
    sqr(root, root);
    long[] check = zero();
    sqr(check, root);
    boolean found = equal(check, a);
    set(r, root);
    return found;
  }

  /// `base^(2^squarings) * factor`.
  private long[] shifted(long[] base, int squarings, long[] factor) {
    long[] r = base.clone();
    for (int i = 0; i < squarings; i++) {
      sqr(r, r);
    }
    mul(r, r, factor);
    return r;
  }

  /// Stores a value below 2p given as 256 bits and one above them.
  private static void store(long[] r, long r0, long r1, long r2, long r3, long above) {
    long excess = C & -above;
    long t0 = r0 + excess;
    long c = carry(t0, r0);
    long t1 = r1 + c;
    c = carry(t1, c);
    long t2 = r2 + c;
    c = carry(t2, c);
    long t3 = r3 + c;
    if ((t1 & t2 & t3) == -1 && Long.compareUnsigned(t0, P0) >= 0) {
      t0 -= P0;
      t1 = 0;
      t2 = 0;
      t3 = 0;
    }
    r[0] = t0;
    r[1] = t1;
    r[2] = t2;
    r[3] = t3;
  }
}
