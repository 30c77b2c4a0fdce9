package io.semper.core.crypto;

import java.math.BigInteger;

/// Modular inversion by division steps, in variable time.
///
/// Bernstein and Yang, "Fast constant-time gcd computation and modular inversion" (2019), in the
/// variable-time arrangement that Pieter Wuille described for 64-bit machines: run 62 division
/// steps on the lowest words of `f` and `g` alone, collecting them in a 2x2 matrix of small
/// integers, then apply the matrix once to the full numbers and to the cofactors `d` and `e`. The
/// gcd of an odd prime and a non-zero residue is reached after about ten (256 bits) or fifteen (384
/// bits) such rounds. An inversion costs some forty multiplications this way; by Fermat it would
/// cost more than three hundred.
///
/// Inputs are public (points on chain), so the data-dependent running time leaks nothing.
///
/// Numbers are held in signed limbs of 62 bits: every limb but the top one lies in `[0, 2^62)`, the
/// top one carries the sign. `d` and `e` stay within `(-2p, p)`, and `f`, `g` within `(-2p, 2p)`.
final class ModularInverse {
  private static final int LIMB_BITS = 62;
  private static final long LIMB_MASK = -1L >>> 2;

  private final int words;
  private final int limbs;
  private final long[] p;

  /// The inverse of the modulus mod 2^62.
  private final long pInverse;

  ModularInverse(BigInteger modulus, int words) {
    this.words = words;
    limbs = 64 * words / LIMB_BITS + 1;
    p = new long[limbs];
    for (int i = 0; i < limbs; i++) {
      p[i] = modulus.shiftRight(LIMB_BITS * i).longValue() & LIMB_MASK;
    }
    BigInteger limb = BigInteger.ONE.shiftLeft(LIMB_BITS);
    pInverse = modulus.modInverse(limb).longValue();
  }

  /// `r = a^-1 mod p` of plain residues; zero for zero.
  void invert(long[] r, int ro, long[] a, int ao) {
    long[] f = p.clone();
    long[] g = unpack(a, ao);
    long[] d = new long[limbs];
    long[] e = new long[limbs];
    e[0] = 1;
    long[] matrix = new long[4];
    long eta = -1;
    while (!Field.isZero(g)) {
      eta = divisionSteps(eta, f[0], g[0], matrix);
      updateCofactors(d, e, matrix);
      updateNumbers(f, g, matrix);
    }
    normalise(d, f[limbs - 1] < 0);
    pack(r, ro, d);
  }

  /// Runs 62 division steps on the low words and leaves the matrix `(u v; q r)` that maps the old
  /// `(f, g)` to 2^62 times the new one.
  private static long divisionSteps(long startEta, long f, long g, long[] matrix) {
    long eta = startEta;
    long u = 1;
    long v = 0;
    long q = 0;
    long r = 1;
    int left = LIMB_BITS;
    while (true) {
      int zeros = Long.numberOfTrailingZeros(g | -1L << left);
      g >>= zeros;
      u <<= zeros;
      v <<= zeros;
      eta -= zeros;
      left -= zeros;
      if (left == 0) {
        break;
      }
      long w;
      if (eta < 0) {
        // g takes over: swap, then cancel up to six low bits of the new g at once.
        eta = -eta;
        long swap = f;
        f = g;
        g = -swap;
        swap = u;
        u = q;
        q = -swap;
        swap = v;
        v = r;
        r = -swap;
        int limit = (int) Math.min(eta + 1, left);
        long mask = -1L >>> 64 - limit & 63;
        w = f * g * (f * f - 2) & mask;
      } else {
        int limit = (int) Math.min(eta + 1, left);
        long mask = -1L >>> 64 - limit & 15;
        w = -(f + ((f + 1 & 4) << 1)) * g & mask;
      }
      g += f * w;
      q += u * w;
      r += v * w;
    }
    matrix[0] = u;
    matrix[1] = v;
    matrix[2] = q;
    matrix[3] = r;
    return eta;
  }

  /// `(d, e) = matrix * (d, e) / 2^62 mod p`; multiples of p make the division exact.
  private void updateCofactors(long[] d, long[] e, long[] matrix) {
    long u = matrix[0];
    long v = matrix[1];
    long q = matrix[2];
    long r = matrix[3];
    long signD = d[limbs - 1] >> 63;
    long signE = e[limbs - 1] >> 63;
    long md = (u & signD) + (v & signE);
    long me = (q & signD) + (r & signE);
    md -= pInverse * (u * d[0] + v * e[0]) + md & LIMB_MASK;
    me -= pInverse * (q * d[0] + r * e[0]) + me & LIMB_MASK;
    apply(d, e, matrix, md, me);
  }

  /// `(f, g) = matrix * (f, g) / 2^62`, exact by construction.
  private void updateNumbers(long[] f, long[] g, long[] matrix) {
    apply(f, g, matrix, 0, 0);
  }

  /// `(x, y) = (u x + v y + mx p, q x + r y + my p) / 2^62`, with a 128-bit signed accumulator
  /// (`lo`, `hi`) for each row.
  private void apply(long[] x, long[] y, long[] matrix, long mx, long my) {
    long u = matrix[0];
    long v = matrix[1];
    long q = matrix[2];
    long r = matrix[3];
    long xLo = 0;
    long xHi = 0;
    long yLo = 0;
    long yHi = 0;
    for (int i = 0; i < limbs; i++) {
      long xi = x[i];
      long yi = y[i];
      long pi = p[i];
      long lo = u * xi;
      xLo += lo;
      xHi += Math.multiplyHigh(u, xi) + Fp.carry(xLo, lo);
      lo = v * yi;
      xLo += lo;
      xHi += Math.multiplyHigh(v, yi) + Fp.carry(xLo, lo);
      lo = mx * pi;
      xLo += lo;
      xHi += Math.multiplyHigh(mx, pi) + Fp.carry(xLo, lo);
      lo = q * xi;
      yLo += lo;
      yHi += Math.multiplyHigh(q, xi) + Fp.carry(yLo, lo);
      lo = r * yi;
      yLo += lo;
      yHi += Math.multiplyHigh(r, yi) + Fp.carry(yLo, lo);
      lo = my * pi;
      yLo += lo;
      yHi += Math.multiplyHigh(my, pi) + Fp.carry(yLo, lo);
      if (i > 0) {
        x[i - 1] = xLo & LIMB_MASK;
        y[i - 1] = yLo & LIMB_MASK;
      }
      xLo = xLo >>> LIMB_BITS | xHi << 64 - LIMB_BITS;
      xHi >>= LIMB_BITS;
      yLo = yLo >>> LIMB_BITS | yHi << 64 - LIMB_BITS;
      yHi >>= LIMB_BITS;
    }
    x[limbs - 1] = xLo;
    y[limbs - 1] = yLo;
  }

  /// Brings `d` from `(-2p, p)` to `[0, p)`, negated when the gcd came out as -1.
  private void normalise(long[] d, boolean negate) {
    addModulusIfNegative(d);
    if (negate) {
      for (int i = 0; i < limbs; i++) {
        d[i] = -d[i];
      }
      propagate(d);
    }
    addModulusIfNegative(d);
  }

  private void addModulusIfNegative(long[] d) {
    if (d[limbs - 1] < 0) {
      for (int i = 0; i < limbs; i++) {
        d[i] += p[i];
      }
      propagate(d);
    }
  }

  private void propagate(long[] d) {
    for (int i = 0; i < limbs - 1; i++) {
      d[i + 1] += d[i] >> LIMB_BITS;
      d[i] &= LIMB_MASK;
    }
  }

  private long[] unpack(long[] a, int ao) {
    long[] r = new long[limbs];
    for (int i = 0; i < limbs; i++) {
      int bit = LIMB_BITS * i;
      int word = bit >>> 6;
      int shift = bit & 63;
      long low = word < words ? a[ao + word] >>> shift : 0;
      long high = shift > 0 && word + 1 < words ? a[ao + word + 1] << 64 - shift : 0;
      r[i] = (low | high) & LIMB_MASK;
    }
    return r;
  }

  private void pack(long[] r, int ro, long[] d) {
    for (int i = 0; i < words; i++) {
      int bit = 64 * i;
      int limb = bit / LIMB_BITS;
      int shift = bit % LIMB_BITS;
      long high = limb + 1 < limbs ? d[limb + 1] << LIMB_BITS - shift : 0;
      r[ro + i] = d[limb] >>> shift | high;
    }
  }
}
