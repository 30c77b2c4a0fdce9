package io.semper.core.bytes;

/// 256-bit arithmetic on `long[]`: a word is four limbs at an offset, least significant first.
///
/// This is the arithmetic of the virtual machine's stack. Operands and result may overlap: every
/// method reads its operands before it writes. Nothing allocates; methods that need room beyond
/// registers take a scratch array of [#SCRATCH] longs.
///
/// Carries are unsigned comparisons of a sum with an addend, which the JIT turns into flag
/// arithmetic. Division is Knuth's algorithm D (The Art of Computer Programming 4.3.1) with the
/// steps of Möller and Granlund, "Improved division by invariant integers" (2011), since Java has
/// no 128-by-64 division. Its digits are corrected with masks: a branch would be mispredicted half
/// of the time.
public final class Limbs {
  /// Longs that a scratch array needs.
  public static final int SCRATCH = 21;

  // Places in a scratch array: dividend (up to 8 limbs), divisor, quotient, and the divisor before
  // with the reciprocal of its top limbs, since moduli come again and again. Below dividend and
  // divisor is a limb that is always zero.
  private static final int U = 1;
  private static final int V = 10;
  private static final int Q = 14;
  private static final int DIVISOR = 18;
  private static final int RECIPROCAL = 20;

  /// So often squared, an odd number is one modulo 2^64.
  private static final int EXP_STEPS = 62;

  /// Modulo 2^64.
  private static final long INVERSE_OF_3 = 0xaaaaaaaaaaaaaaabL;

  private Limbs() {}

  /// 1 where adding `addend` to something gave `sum` with a carry. For where that is rare: sums of
  /// small numbers, carries of carries.
  private static long carry(long sum, long addend) {
    return Long.compareUnsigned(sum, addend) < 0 ? 1 : 0;
  }

  /// The same for where it is as likely as not, as in products. C2 makes a conditional move of it
  /// if it has seen both outcomes often, and else a branch, which would be mispredicted every other
  /// time: MULMOD took 2.5 times as long in one of thirty processes, while the two were one.
  private static long carryOut(long sum, long addend) {
    return Long.compareUnsigned(sum, addend) < 0 ? 1 : 0;
  }

  public static void set(long[] s, int at, long l0) {
    s[at] = l0;
    s[at + 1] = 0;
    s[at + 2] = 0;
    s[at + 3] = 0;
  }

  public static void set(long[] s, int at, UInt256 value) {
    s[at] = value.limb0();
    s[at + 1] = value.limb1();
    s[at + 2] = value.limb2();
    s[at + 3] = value.limb3();
  }

  public static UInt256 get(long[] s, int at) {
    return UInt256.of(s[at], s[at + 1], s[at + 2], s[at + 3]);
  }

  public static boolean isZero(long[] s, int at) {
    return (s[at] | s[at + 1] | s[at + 2] | s[at + 3]) == 0;
  }

  /// Whether the word fits an unsigned 64-bit `long`.
  public static boolean fitsLong(long[] s, int at) {
    return (s[at + 1] | s[at + 2] | s[at + 3]) == 0;
  }

  public static int bitLength(long[] s, int at) {
    for (int i = 3; i >= 0; i--) {
      if (s[at + i] != 0) {
        return 64 * i + 64 - Long.numberOfLeadingZeros(s[at + i]);
      }
    }
    return 0;
  }

  /// Unsigned comparison.
  public static int compare(long[] s, int a, int b) {
    int c = Long.compareUnsigned(s[a + 3], s[b + 3]);
    if (c == 0) c = Long.compareUnsigned(s[a + 2], s[b + 2]);
    if (c == 0) c = Long.compareUnsigned(s[a + 1], s[b + 1]);
    return c == 0 ? Long.compareUnsigned(s[a], s[b]) : c;
  }

  /// Comparison of two's complement words.
  public static int compareSigned(long[] s, int a, int b) {
    return s[a + 3] == s[b + 3] ? compare(s, a, b) : Long.compare(s[a + 3], s[b + 3]);
  }

  /// `out = a + b mod 2^256`
  public static void add(long[] s, int a, int b, int out) {
    long b0 = s[b];
    long r0 = s[a] + b0;
    long c = carry(r0, b0);
    long b1 = s[b + 1];
    long t = s[a + 1] + b1;
    long c1 = carry(t, b1);
    long r1 = t + c;
    c = c1 + carry(r1, c);
    long b2 = s[b + 2];
    t = s[a + 2] + b2;
    c1 = carry(t, b2);
    long r2 = t + c;
    c = c1 + carry(r2, c);
    long r3 = s[a + 3] + s[b + 3] + c;
    s[out] = r0;
    s[out + 1] = r1;
    s[out + 2] = r2;
    s[out + 3] = r3;
  }

  /// `out = a - b mod 2^256`
  public static void sub(long[] s, int a, int b, int out) {
    long a0 = s[a];
    long r0 = a0 - s[b];
    long borrow = carry(a0, s[b]);
    long a1 = s[a + 1];
    long t = a1 - s[b + 1];
    long b1 = carry(a1, s[b + 1]);
    long r1 = t - borrow;
    borrow = b1 + carry(t, borrow);
    long a2 = s[a + 2];
    t = a2 - s[b + 2];
    b1 = carry(a2, s[b + 2]);
    long r2 = t - borrow;
    borrow = b1 + carry(t, borrow);
    long r3 = s[a + 3] - s[b + 3] - borrow;
    s[out] = r0;
    s[out + 1] = r1;
    s[out + 2] = r2;
    s[out + 3] = r3;
  }

  /// `out = -a mod 2^256`
  public static void negate(long[] s, int a, int out) {
    long r0 = -s[a];
    long c = r0 == 0 ? 1 : 0;
    long r1 = ~s[a + 1] + c;
    c = r1 == 0 ? c : 0;
    long r2 = ~s[a + 2] + c;
    c = r2 == 0 ? c : 0;
    long r3 = ~s[a + 3] + c;
    s[out] = r0;
    s[out + 1] = r1;
    s[out + 2] = r2;
    s[out + 3] = r3;
  }

  /// `out = a * b mod 2^256`
  public static void mul(long[] s, int a, int b, int out) {
    long a0 = s[a];
    long a1 = s[a + 1];
    long a2 = s[a + 2];
    long a3 = s[a + 3];
    long b0 = s[b];
    long b1 = s[b + 1];
    long b2 = s[b + 2];
    long b3 = s[b + 3];
    long r0 = a0 * b0;
    long c = Math.unsignedMultiplyHigh(a0, b0);
    if ((a1 | a2 | a3 | b1 | b2 | b3) == 0) {
      s[out] = r0;
      s[out + 1] = c;
      s[out + 2] = 0;
      s[out + 3] = 0;
      return;
    }
    long r1 = a1 * b0 + c;
    c = Math.unsignedMultiplyHigh(a1, b0) + carryOut(r1, c);
    long r2 = a2 * b0 + c;
    c = Math.unsignedMultiplyHigh(a2, b0) + carryOut(r2, c);
    long r3 = a3 * b0 + c;

    long l = a0 * b1;
    r1 += l;
    c = Math.unsignedMultiplyHigh(a0, b1) + carryOut(r1, l);
    l = a1 * b1 + c;
    c = Math.unsignedMultiplyHigh(a1, b1) + carryOut(l, c);
    r2 += l;
    c += carryOut(r2, l);
    r3 += a2 * b1 + c;

    l = a0 * b2;
    r2 += l;
    c = Math.unsignedMultiplyHigh(a0, b2) + carryOut(r2, l);
    r3 += a1 * b2 + c + a0 * b3;
    s[out] = r0;
    s[out + 1] = r1;
    s[out + 2] = r2;
    s[out + 3] = r3;
  }

  /// `out = a / b`, zero where `b` is zero
  public static void div(long[] s, int a, int b, int out, long[] scratch) {
    if (dividesShort(s, a, b)) {
      set(s, out, s[b] == 0 ? 0 : Long.divideUnsigned(s[a], s[b]));
    } else {
      divide(s, a, b, scratch);
      copy(scratch, Q, s, out);
    }
  }

  /// `out = a mod b`, zero where `b` is zero
  public static void mod(long[] s, int a, int b, int out, long[] scratch) {
    if (dividesShort(s, a, b)) {
      set(s, out, s[b] == 0 ? 0 : Long.remainderUnsigned(s[a], s[b]));
    } else {
      divide(s, a, b, scratch);
      copy(scratch, U, s, out);
    }
  }

  /// `quotient = a / b` and `remainder = a mod b`, both zero where `b` is zero
  public static void divmod(long[] s, int a, int b, int quotient, int remainder, long[] scratch) {
    if (dividesShort(s, a, b)) {
      long n = s[a];
      long d = s[b];
      set(s, quotient, d == 0 ? 0 : Long.divideUnsigned(n, d));
      set(s, remainder, d == 0 ? 0 : Long.remainderUnsigned(n, d));
    } else {
      divide(s, a, b, scratch);
      copy(scratch, Q, s, quotient);
      copy(scratch, U, s, remainder);
    }
  }

  /// Whether the lowest limbs say all of `a / b`: both are words of one, or `b` is zero.
  private static boolean dividesShort(long[] s, int a, int b) {
    return fitsLong(s, b) && (s[b] == 0 || fitsLong(s, a));
  }

  private static void divide(long[] s, int a, int b, long[] scratch) {
    copy(s, a, scratch, U);
    copy(s, b, scratch, V);
    divide(scratch, 4);
  }

  /// `out = a / b` of two's complement words, rounded towards zero; zero where `b` is zero
  public static void sdiv(long[] s, int a, int b, int out, long[] scratch) {
    boolean negative = (s[a + 3] ^ s[b + 3]) < 0;
    magnitudes(s, a, b, scratch);
    if (isZero(scratch, V)) {
      set(s, out, 0);
      return;
    }
    divide(scratch, 4);
    if (negative) {
      negate(scratch, Q, Q);
    }
    copy(scratch, Q, s, out);
  }

  /// `out = a mod b` of two's complement words with the sign of `a`; zero where `b` is zero
  public static void smod(long[] s, int a, int b, int out, long[] scratch) {
    boolean negative = s[a + 3] < 0;
    magnitudes(s, a, b, scratch);
    if (isZero(scratch, V)) {
      set(s, out, 0);
      return;
    }
    divide(scratch, 4);
    if (negative) {
      negate(scratch, U, U);
    }
    copy(scratch, U, s, out);
  }

  private static void magnitudes(long[] s, int a, int b, long[] scratch) {
    copy(s, a, scratch, U);
    copy(s, b, scratch, V);
    if (scratch[U + 3] < 0) {
      negate(scratch, U, U);
    }
    if (scratch[V + 3] < 0) {
      negate(scratch, V, V);
    }
  }

  /// `out = (a + b) mod m` without wrapping at 2^256; zero where `m` is zero
  public static void addmod(long[] s, int a, int b, int m, int out, long[] scratch) {
    if (isZero(s, m)) {
      set(s, out, 0);
      return;
    }
    boolean reduced = compare(s, a, m) < 0 && compare(s, b, m) < 0;
    long m0 = s[m];
    long m1 = s[m + 1];
    long m2 = s[m + 2];
    long m3 = s[m + 3];
    long b0 = s[b];
    long b1 = s[b + 1];
    long b2 = s[b + 2];
    long b3 = s[b + 3];
    long r0 = s[a] + b0;
    long c = carryOut(r0, b0);
    long t = s[a + 1] + b1;
    long r1 = t + c;
    c = carryOut(t, b1) + carry(r1, c);
    t = s[a + 2] + b2;
    long r2 = t + c;
    c = carryOut(t, b2) + carry(r2, c);
    t = s[a + 3] + b3;
    long r3 = t + c;
    c = carryOut(t, b3) + carry(r3, c);
    if (!reduced) {
      set(scratch, U, r0, r1, r2, r3);
      scratch[U + 4] = c;
      set(scratch, V, m0, m1, m2, m3);
      divide(scratch, 5);
      copy(scratch, U, s, out);
      return;
    }
    // The usual case: the modulus is taken away at most once, without a branch.
    long d0 = r0 - m0;
    long borrow = carryOut(r0, m0);
    t = r1 - m1;
    long d1 = t - borrow;
    borrow = carryOut(r1, m1) + carry(t, borrow);
    t = r2 - m2;
    long d2 = t - borrow;
    borrow = carryOut(r2, m2) + carry(t, borrow);
    t = r3 - m3;
    long d3 = t - borrow;
    borrow = carryOut(r3, m3) + carry(t, borrow);
    long keep = c - borrow; // -1 where the sum is smaller
    s[out] = d0 ^ (d0 ^ r0) & keep;
    s[out + 1] = d1 ^ (d1 ^ r1) & keep;
    s[out + 2] = d2 ^ (d2 ^ r2) & keep;
    s[out + 3] = d3 ^ (d3 ^ r3) & keep;
  }

  /// `out = (a * b) mod m` without wrapping at 2^256; zero where `m` is zero
  public static void mulmod(long[] s, int a, int b, int m, int out, long[] scratch) {
    if (isZero(s, m)) {
      set(s, out, 0);
      return;
    }
    multiplyFull(s, a, b, scratch);
    long m0 = s[m];
    if ((s[m + 1] & s[m + 2] & s[m + 3]) == -1 && m0 != 0) {
      fold(scratch, -m0, s, out);
      return;
    }
    copy(s, m, scratch, V);
    divide(scratch, 8);
    copy(scratch, U, s, out);
  }

  /// Reduces the eight limbs at `U` modulo `2^256 - c`, as the prime of secp256k1 is: what lies
  /// above 2^256 counts `c` times.
  private static void fold(long[] w, long c, long[] s, int out) {
    long u4 = w[U + 4];
    long u5 = w[U + 5];
    long u6 = w[U + 6];
    long u7 = w[U + 7];
    long l = u4 * c;
    long r0 = w[U] + l;
    long high = Math.unsignedMultiplyHigh(u4, c) + carryOut(r0, l);
    l = u5 * c + high;
    high = Math.unsignedMultiplyHigh(u5, c) + carry(l, high);
    long r1 = w[U + 1] + l;
    high += carryOut(r1, l);
    l = u6 * c + high;
    high = Math.unsignedMultiplyHigh(u6, c) + carry(l, high);
    long r2 = w[U + 2] + l;
    high += carryOut(r2, l);
    l = u7 * c + high;
    high = Math.unsignedMultiplyHigh(u7, c) + carry(l, high);
    long r3 = w[U + 3] + l;
    high += carryOut(r3, l);
    // again with the limb that is above now, and once more with a carry
    l = high * c;
    r0 += l;
    high = Math.unsignedMultiplyHigh(high, c) + carryOut(r0, l);
    r1 += high;
    long over = carry(r1, high);
    r2 += over;
    over = carry(r2, over);
    r3 += over;
    over = carry(r3, over);
    l = over * c;
    r0 += l;
    over = carry(r0, l);
    r1 += over;
    over = carry(r1, over);
    r2 += over;
    r3 += carry(r2, over);
    if ((r1 & r2 & r3) == -1 && Long.compareUnsigned(r0, -c) >= 0) {
      r0 += c;
      r1 = 0;
      r2 = 0;
      r3 = 0;
    }
    set(s, out, r0, r1, r2, r3);
  }

  /// All eight limbs of `a * b` into the scratch dividend.
  private static void multiplyFull(long[] s, int a, int b, long[] scratch) {
    long a0 = s[a];
    long a1 = s[a + 1];
    long a2 = s[a + 2];
    long a3 = s[a + 3];
    long r0 = 0;
    long r1 = 0;
    long r2 = 0;
    long r3 = 0;
    for (int i = 0; i < 4; i++) {
      long bi = s[b + i];
      long l = a0 * bi;
      long t = r0 + l;
      scratch[U + i] = t;
      long c = Math.unsignedMultiplyHigh(a0, bi) + carryOut(t, l);
      l = a1 * bi + c;
      c = Math.unsignedMultiplyHigh(a1, bi) + carryOut(l, c);
      r0 = r1 + l;
      c += carryOut(r0, l);
      l = a2 * bi + c;
      c = Math.unsignedMultiplyHigh(a2, bi) + carryOut(l, c);
      r1 = r2 + l;
      c += carryOut(r1, l);
      l = a3 * bi + c;
      c = Math.unsignedMultiplyHigh(a3, bi) + carryOut(l, c);
      r2 = r3 + l;
      r3 = c + carryOut(r2, l);
    }
    scratch[U + 4] = r0;
    scratch[U + 5] = r1;
    scratch[U + 6] = r2;
    scratch[U + 7] = r3;
  }

  /// `out = base ^ exponent mod 2^256`, from the exponent's lowest bit up, so that the
  /// multiplication and the squaring of a step do not wait for each other.
  ///
  /// No exponent takes more than 62 steps: an odd base to the power 2^62 is `1 + u` with u a
  /// multiple of 2^64 ([#powerOfOneMore]), and of an even base nothing is left from 256 on. For 256
  /// bits that is a quarter of the time of square and multiply.
  public static void exp(long[] s, int base, int exponent, int out, long[] scratch) {
    int bits = bitLength(s, exponent);
    long b0 = s[base];
    long b1 = s[base + 1];
    long b2 = s[base + 2];
    long b3 = s[base + 3];
    if ((b0 & 1) == 0 && bits > 8) {
      set(s, out, 0);
      return;
    }
    if (b0 == 2 && (b1 | b2 | b3) == 0) {
      int shift = (int) s[exponent];
      set(s, out, 1);
      shl(s, out, shift, out);
      return;
    }
    int steps = Math.min(bits, EXP_STEPS);
    long rest = s[exponent];
    long r0 = 1;
    long r1 = 0;
    long r2 = 0;
    long r3 = 0;
    for (int i = 0; i < steps; i++) {
      if ((rest & 1) != 0 && (r0 ^ 1 | r1 | r2 | r3) == 0) {
        r0 = b0;
        r1 = b1;
        r2 = b2;
        r3 = b3;
      } else if ((rest & 1) != 0) {
        long c0 = Math.unsignedMultiplyHigh(r0, b0);
        long p1 = r1 * b0 + c0;
        long c1 = Math.unsignedMultiplyHigh(r1, b0) + carryOut(p1, c0);
        long p2 = r2 * b0 + c1;
        long p3 = r3 * b0 + Math.unsignedMultiplyHigh(r2, b0) + carryOut(p2, c1);
        long l = r0 * b1;
        p1 += l;
        c0 = Math.unsignedMultiplyHigh(r0, b1) + carryOut(p1, l);
        l = r1 * b1 + c0;
        c1 = Math.unsignedMultiplyHigh(r1, b1) + carryOut(l, c0);
        p2 += l;
        p3 += r2 * b1 + c1 + carryOut(p2, l);
        l = r0 * b2;
        p2 += l;
        p3 += Math.unsignedMultiplyHigh(r0, b2) + carryOut(p2, l) + r1 * b2 + r0 * b3;
        r0 = r0 * b0;
        r1 = p1;
        r2 = p2;
        r3 = p3;
      }
      rest >>>= 1;
      if (i == bits - 1) {
        break;
      }
      long high = Math.unsignedMultiplyHigh(b0, b1);
      long l1 = b0 * b1;
      // twice the products of different limbs, then the squares
      long m2 = high + b0 * b2;
      long m3 = Math.unsignedMultiplyHigh(b0, b2) + carryOut(m2, high) + b0 * b3 + b1 * b2;
      long d1 = l1 << 1;
      long d2 = m2 << 1 | l1 >>> 63;
      long d3 = m3 << 1 | m2 >>> 63;
      long q = Math.unsignedMultiplyHigh(b0, b0);
      long t1 = d1 + q;
      long c = carryOut(t1, q);
      long square = b1 * b1;
      long t2 = d2 + c;
      c = carry(t2, c);
      t2 += square;
      c += carryOut(t2, square);
      b3 = d3 + Math.unsignedMultiplyHigh(b1, b1) + c;
      b0 = b0 * b0;
      b1 = t1;
      b2 = t2;
    }
    set(scratch, V, r0, r1, r2, r3);
    if (bits > EXP_STEPS) {
      set(scratch, U, 0, b1, b2, b3);
      // An odd base: to the power 2^254 it is one, so the exponent's last two bits do not count.
      powerOfOneMore(
          scratch,
          s[exponent] >>> EXP_STEPS | s[exponent + 1] << 64 - EXP_STEPS,
          s[exponent + 1] >>> EXP_STEPS | s[exponent + 2] << 64 - EXP_STEPS,
          s[exponent + 2] >>> EXP_STEPS | s[exponent + 3] << 64 - EXP_STEPS);
      mul(scratch, U, V, V);
    }
    copy(scratch, V, s, out);
  }

  /// Replaces u at `U`, a multiple of 2^64, by `(1 + u)^m` for an m of three limbs. The powers of u
  /// from the fourth on vanish, hence this is `1 + u (m + u (m(m-1)/2 + u m(m-1)(m-2)/6))`.
  private static void powerOfOneMore(long[] w, long m0, long m1, long m2) {
    long u1 = w[U + 1];
    long u2 = w[U + 2];
    // the even one of m and m - 1, halved, times the odd one, to 128 bits
    long half0 = m0 >>> 1 | m1 << 63;
    long half1 = m1 >>> 1 | m2 << 63;
    long odd0 = (m0 & 1) != 0 ? m0 : m0 - 1;
    long odd1 = m0 == 0 ? m1 - 1 : m1;
    long pairs0 = half0 * odd0;
    long pairs1 = Math.unsignedMultiplyHigh(half0, odd0) + half0 * odd1 + half1 * odd0;
    long triples = pairs0 * (m0 - 2) * INVERSE_OF_3;
    long k1 = pairs1 + u1 * triples;
    long low = u1 * pairs0;
    long z1 = m1 + low;
    long z2 =
        m2 + Math.unsignedMultiplyHigh(u1, pairs0) + u1 * k1 + u2 * pairs0 + carryOut(z1, low);
    set(w, Q, m0, z1, z2, 0);
    mul(w, U, Q, U);
    w[U] = 1; // the product is a multiple of 2^64
  }

  private static void set(long[] s, int at, long l0, long l1, long l2, long l3) {
    s[at] = l0;
    s[at + 1] = l1;
    s[at + 2] = l2;
    s[at + 3] = l3;
  }

  private static void copy(long[] from, int at, long[] to, int start) {
    long l0 = from[at];
    long l1 = from[at + 1];
    long l2 = from[at + 2];
    long l3 = from[at + 3];
    to[start] = l0;
    to[start + 1] = l1;
    to[start + 2] = l2;
    to[start + 3] = l3;
  }

  /// `out = a << n` for `n` in 0..255
  public static void shl(long[] s, int a, int n, int out) {
    int limbs = n >>> 6;
    int bits = n & 63;
    for (int i = 3; i >= 0; i--) {
      long high = i >= limbs ? s[a + i - limbs] << bits : 0;
      long low = bits != 0 && i > limbs ? s[a + i - limbs - 1] >>> (64 - bits) : 0;
      s[out + i] = high | low;
    }
  }

  /// `out = a >>> n` for `n` in 0..255, shifting in the given limb (0 or -1)
  public static void shr(long[] s, int a, int n, int out, long fill) {
    int limbs = n >>> 6;
    int bits = n & 63;
    for (int i = 0; i < 4; i++) {
      int from = i + limbs;
      long low = (from < 4 ? s[a + from] : fill) >>> bits;
      long high = bits == 0 ? 0 : (from < 3 ? s[a + from + 1] : fill) << (64 - bits);
      s[out + i] = high | low;
    }
  }

  /// Divides the `n` limbs at `U` by the word at `V` (not zero): the quotient's low four limbs go
  /// to `Q`, the remainder to `U`.
  ///
  /// Everything is shifted so that the divisor's top bit is set. Divisor and running remainder are
  /// local variables; a divisor of three limbs is moved up to fill four, which changes no digit of
  /// the quotient.
  private static void divide(long[] w, int n) {
    w[Q] = w[Q + 1] = w[Q + 2] = w[Q + 3] = 0;
    while (n > 0 && w[U + n - 1] == 0) {
      n--;
    }
    int vn = 4;
    while (w[V + vn - 1] == 0) {
      vn--;
    }
    if (n < vn) {
      clear(w, n);
      return;
    }
    int shift = Long.numberOfLeadingZeros(w[V + vn - 1]);
    long top = shifted(w, V + vn - 1, shift);
    if (vn == 1) {
      divideByOne(w, n, w[V] << shift, shift);
    } else if (vn == 2) {
      divideByTwo(w, n, top, w[V] << shift, shift);
    } else {
      divideByMore(w, n, vn, top, shifted(w, V + vn - 2, shift), shift);
    }
  }

  /// The limb at `at` of a number that is moved up by `shift` bits; before its lowest is a zero.
  private static long shifted(long[] w, int at, int shift) {
    return w[at] << shift | w[at - 1] >>> 1 >>> 63 - shift;
  }

  /// What is shifted out above the `n` limbs at `U`.
  private static long shiftedOut(long[] w, int n, int shift) {
    return w[U + n - 1] >>> 1 >>> 63 - shift;
  }

  private static void divideByOne(long[] w, int n, long d, int shift) {
    long reciprocal = reciprocal(w, d, 0);
    long r = shiftedOut(w, n, shift);
    for (int j = n - 1; j >= 0; j--) {
      long u = shifted(w, U + j, shift);
      // Möller and Granlund, algorithm 4
      long q0 = reciprocal * r + u;
      long q = Math.unsignedMultiplyHigh(reciprocal, r) + r + carryOut(q0, u) + 1;
      r = u - q * d;
      long tooLarge = -carryOut(q0, r);
      q += tooLarge;
      r += d & tooLarge;
      if (Long.compareUnsigned(r, d) >= 0) {
        q++;
        r -= d;
      }
      if (j < 4) {
        w[Q + j] = q;
      }
    }
    w[U] = r >>> shift;
    clear(w, 1);
  }

  private static void divideByTwo(long[] w, int n, long d1, long d0, int shift) {
    long reciprocal = reciprocal(w, d1, d0);
    long r1 = shiftedOut(w, n, shift);
    long r0 = shifted(w, U + n - 1, shift);
    for (int j = n - 2; j >= 0; j--) {
      long u = shifted(w, U + j, shift);
      if ((r1 | r0) == 0) { // a short dividend: the digit is zero
        r0 = u;
        continue;
      }
      // Möller and Granlund, algorithm 5
      long q0 = reciprocal * r1 + r0;
      long q = Math.unsignedMultiplyHigh(reciprocal, r1) + r1 + carryOut(q0, r0);
      long p = q * d0;
      long high = r0 - q * d1 - Math.unsignedMultiplyHigh(q, d0) - carryOut(u, p) - d1;
      long low = u - p;
      high -= carryOut(low, d0);
      low -= d0;
      long tooLarge = carryOut(high, q0) - 1;
      q += 1 + tooLarge;
      low += d0 & tooLarge;
      high += (d1 & tooLarge) + carryOut(low, d0 & tooLarge);
      if (isAtLeast(high, low, d1, d0)) {
        q++;
        high -= d1 + carryOut(low, d0);
        low -= d0;
      }
      r1 = high;
      r0 = low;
      if (j < 4) {
        w[Q + j] = q;
      }
    }
    w[U] = r0 >>> shift | r1 << 1 << 63 - shift;
    w[U + 1] = r1 >>> shift;
    clear(w, 2);
  }

  private static void divideByMore(long[] w, int n, int vn, long d3, long d2, int shift) {
    boolean full = vn == 4;
    long d1 = shifted(w, V + vn - 3, shift);
    long d0 = full ? w[V] << shift : 0;
    long reciprocal = reciprocal(w, d3, d2);
    long r3 = shiftedOut(w, n, shift);
    long r2 = shifted(w, U + n - 1, shift);
    long r1 = shifted(w, U + n - 2, shift);
    long r0 = full ? shifted(w, U + n - 3, shift) : 0;
    for (int j = n - vn; j >= 0; j--) {
      // The dividend of this digit: r3 r2 r1 t1 t0
      long u = shifted(w, U + j, shift);
      long t0 = full ? u : 0;
      long t1 = full ? r0 : u;
      if (r3 == 0 && Long.compareUnsigned(r2, d3) < 0) { // the digit is zero
        r3 = r2;
        r2 = r1;
        r1 = t1;
        r0 = t0;
        continue;
      }
      // The top three limbs by the top two: digit, and remainder over:t3:t2
      long q;
      long t3;
      long t2;
      long over = 0;
      if (r3 == d3 && r2 == d2) {
        q = -1;
        t2 = r1 + d2;
        long c = carryOut(t2, d2);
        t3 = d3 + c;
        over = carry(t3, c);
      } else {
        long q0 = reciprocal * r3 + r2;
        q = Math.unsignedMultiplyHigh(reciprocal, r3) + r3 + carryOut(q0, r2);
        long p = q * d2;
        t3 = r2 - q * d3 - Math.unsignedMultiplyHigh(q, d2) - carryOut(r1, p) - d3;
        t2 = r1 - p;
        t3 -= carryOut(t2, d2);
        t2 -= d2;
        long tooLarge = carryOut(t3, q0) - 1;
        q += 1 + tooLarge;
        t2 += d2 & tooLarge;
        t3 += (d3 & tooLarge) + carryOut(t2, d2 & tooLarge);
        if (isAtLeast(t3, t2, d3, d2)) {
          q++;
          t3 -= d3 + carryOut(t2, d2);
          t2 -= d2;
        }
      }
      // The lower two limbs of the divisor, so many times, are still to be taken away.
      long p = q * d0;
      long high = Math.unsignedMultiplyHigh(q, d0) + carryOut(t0, p);
      t0 -= p;
      p = q * d1 + high;
      high = Math.unsignedMultiplyHigh(q, d1) + carryOut(p, high) + carryOut(t1, p);
      t1 -= p;
      long borrow = carryOut(t2, high);
      t2 -= high;
      high = carry(t3, borrow);
      t3 -= borrow;
      if (high > over) { // the digit was one too large, which is rare
        q--;
        t0 += d0;
        long c = carryOut(t0, d0);
        long t = t1 + d1;
        t1 = t + c;
        c = carryOut(t, d1) + carry(t1, c);
        t = t2 + d2;
        t2 = t + c;
        t3 += d3 + carryOut(t, d2) + carry(t2, c);
      }
      r3 = t3;
      r2 = t2;
      r1 = t1;
      r0 = t0;
      if (j < 4) {
        w[Q + j] = q;
      }
    }
    r0 = r0 >>> shift | r1 << 1 << 63 - shift;
    r1 = r1 >>> shift | r2 << 1 << 63 - shift;
    r2 = r2 >>> shift | r3 << 1 << 63 - shift;
    r3 >>>= shift;
    if (full) {
      set(w, U, r0, r1, r2, r3);
    } else {
      set(w, U, r1, r2, r3, 0);
    }
  }

  private static boolean isAtLeast(long high, long low, long d1, long d0) {
    int order = Long.compareUnsigned(high, d1);
    return order > 0 || order == 0 && Long.compareUnsigned(low, d0) >= 0;
  }

  /// Clears the remainder's limbs from `from` on.
  private static void clear(long[] w, int from) {
    for (int i = from; i < 4; i++) {
      w[U + i] = 0;
    }
  }

  /// `floor((2^192 - 1) / d1:d0) - 2^64` for a normalised divisor, the last one's kept in `w`. With
  /// zero for `d0` that is the reciprocal of `d1` alone.
  private static long reciprocal(long[] w, long d1, long d0) {
    if (w[DIVISOR + 1] == d1 && w[DIVISOR] == d0) {
      return w[RECIPROCAL];
    }
    // Möller and Granlund, algorithm 6
    long v = reciprocal(d1);
    long p = d1 * v + d0;
    if (Long.compareUnsigned(p, d0) < 0) {
      v--;
      if (Long.compareUnsigned(p, d1) >= 0) {
        v--;
        p -= d1;
      }
      p -= d1;
    }
    long high = Math.unsignedMultiplyHigh(v, d0);
    p += high;
    if (Long.compareUnsigned(p, high) < 0) {
      v--;
      if (isAtLeast(p, v * d0 + d0, d1, d0)) {
        v--;
      }
    }
    w[DIVISOR + 1] = d1;
    w[DIVISOR] = d0;
    w[RECIPROCAL] = v;
    return v;
  }

  /// `floor((2^128 - 1) / d) - 2^64` for a normalised `d`, by two half-limb divisions (Hacker's
  /// Delight, divlu) of `(2^64 - 1 - d) : (2^64 - 1)` by `d`.
  private static long reciprocal(long d) {
    long u1 = ~d;
    long dh = d >>> 32;
    long dl = d & 0xFFFFFFFFL;
    long q1 = Long.divideUnsigned(u1, dh);
    long rest = u1 - q1 * dh;
    while (q1 >>> 32 != 0 || Long.compareUnsigned(q1 * dl, rest << 32 | 0xFFFFFFFFL) > 0) {
      q1--;
      rest += dh;
      if (rest >>> 32 != 0) {
        break;
      }
    }
    long u21 = (u1 << 32 | 0xFFFFFFFFL) - q1 * d;
    long q0 = Long.divideUnsigned(u21, dh);
    rest = u21 - q0 * dh;
    while (q0 >>> 32 != 0 || Long.compareUnsigned(q0 * dl, rest << 32 | 0xFFFFFFFFL) > 0) {
      q0--;
      rest += dh;
      if (rest >>> 32 != 0) {
        break;
      }
    }
    return (q1 << 32) + q0;
  }
}
