package io.semper.core.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;

/// A prime field in Montgomery form: the residue `a` is stored as `a * 2^(64 * words) mod p`.
///
/// The three operations everything else is made of, addition, subtraction and multiplication, are
/// written out limb by limb in the two subclasses, where the modulus is a compile-time constant;
/// the rest is shared. Both moduli leave at least one bit of the top limb free, which is what lets
/// a sum of two elements and the Montgomery accumulator stay within `words` limbs ("no-carry"
/// variant of the CIOS method: Koç, Acar, Kaliski 1996; the observation on the free bit is from the
/// gnark authors).
///
/// Instances hold no scratch and are shared by all threads.
abstract sealed class Fp extends Field permits Bn254Fp, Bls12381Fp {
  private static final VarHandle LONG_BE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int WINDOW_BITS = 4;

  final BigInteger modulus;
  private final long[] p;
  private final long[] one;
  private final long[] r2;
  private final long[] halfP;
  private final ModularInverse inverse;
  private final long[] inverseFix;
  private final BigInteger sqrtExponent;

  Fp(int words, BigInteger modulus) {
    super(words);
    this.modulus = modulus;
    BigInteger r = BigInteger.ONE.shiftLeft(64 * words);
    p = limbs(modulus);
    one = limbs(r.mod(modulus));
    r2 = limbs(r.pow(2).mod(modulus));
    halfP = limbs(modulus.shiftRight(1));
    inverse = new ModularInverse(modulus, words);
    inverseFix = limbs(r.pow(3).mod(modulus));
    sqrtExponent = modulus.add(BigInteger.ONE).shiftRight(2);
  }

  /// `r = a + b` on the elements that start at the given offsets.
  abstract void add(long[] r, int ro, long[] a, int ao, long[] b, int bo);

  /// `r = a - b` on the elements that start at the given offsets.
  abstract void sub(long[] r, int ro, long[] a, int ao, long[] b, int bo);

  /// `r = a * b` on the elements that start at the given offsets.
  abstract void mul(long[] r, int ro, long[] a, int ao, long[] b, int bo);

  /// The carry out of an addition whose result is `sum` and one of whose terms is `addend`.
  static long carry(long sum, long addend) {
    return Long.compareUnsigned(sum, addend) < 0 ? 1 : 0;
  }

  /// The borrow out of `a - b`.
  static long borrow(long a, long b) {
    return Long.compareUnsigned(a, b) < 0 ? 1 : 0;
  }

  @Override
  final long[] one() {
    return one.clone();
  }

  @Override
  final void add(long[] r, long[] a, long[] b) {
    add(r, 0, a, 0, b, 0);
  }

  @Override
  final void sub(long[] r, long[] a, long[] b) {
    sub(r, 0, a, 0, b, 0);
  }

  @Override
  final void mul(long[] r, long[] a, long[] b) {
    mul(r, 0, a, 0, b, 0);
  }

  @Override
  final void sqr(long[] r, long[] a) {
    mul(r, 0, a, 0, a, 0);
  }

  @Override
  final void neg(long[] r, long[] a) {
    neg(r, 0, a, 0);
  }

  final void neg(long[] r, int ro, long[] a, int ao) {
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

  @Override
  final void half(long[] r, long[] a) {
    half(r, 0, a, 0);
  }

  /// `a / 2`: the shifted value, plus `(p + 1) / 2` when `a` is odd.
  final void half(long[] r, int ro, long[] a, int ao) {
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
  final void inv(long[] r, long[] a) {
    inv(r, 0, a, 0);
  }

  /// The integer inverse of `aR` is `a^-1 R^-1`; a Montgomery product with `R^3` makes it `a^-1 R`.
  final void inv(long[] r, int ro, long[] a, int ao) {
    inverse.invert(r, ro, a, ao);
    mul(r, ro, r, ro, inverseFix, 0);
  }

  /// Both moduli are 3 mod 4, so the candidate is `a^((p + 1) / 4)`. Where `a` has no root, `r`
  /// becomes one of `-a`.
  @Override
  final boolean sqrt(long[] r, long[] a) {
    long[] root = zero();
    long[] check = zero();
    pow(root, a, sqrtExponent);
    sqr(check, root);
    boolean found = equal(check, a);
    set(r, root);
    return found;
  }

  /// `a^e` with a fixed window. The exponents are constants of the curve, never input.
  final void pow(long[] r, long[] a, BigInteger e) {
    long[][] powers = zeros(1 << WINDOW_BITS);
    set(powers[0], one);
    for (int i = 1; i < powers.length; i++) {
      mul(powers[i], powers[i - 1], a);
    }
    long[] acc = one();
    for (int i = (e.bitLength() - 1) / WINDOW_BITS; i >= 0; i--) {
      for (int j = 0; j < WINDOW_BITS; j++) {
        sqr(acc, acc);
      }
      int digit = e.shiftRight(i * WINDOW_BITS).intValue() & (1 << WINDOW_BITS) - 1;
      if (digit != 0) {
        mul(acc, acc, powers[digit]);
      }
    }
    set(r, acc);
  }

  /// Reads `8 * words` big-endian bytes. False when the number is not below the modulus.
  final boolean read(long[] r, int ro, byte[] in, int at) {
    for (int i = 0; i < words; i++) {
      r[ro + i] = (long) LONG_BE.get(in, at + 8 * (words - 1 - i));
    }
    if (!belowModulus(r, ro)) {
      return false;
    }
    mul(r, ro, r, ro, r2, 0);
    return true;
  }

  /// Writes `8 * words` big-endian bytes.
  final void write(byte[] out, int at, long[] a, int ao) {
    long[] plain = new long[words];
    toPlain(plain, a, ao);
    for (int i = 0; i < words; i++) {
      LONG_BE.set(out, at + 8 * (words - 1 - i), plain[i]);
    }
  }

  /// The residue itself, out of Montgomery form.
  final void toPlain(long[] r, long[] a, int ao) {
    long[] unit = new long[words];
    unit[0] = 1;
    mul(r, 0, a, ao, unit, 0);
  }

  private boolean belowModulus(long[] a, int ao) {
    for (int i = words - 1; i >= 0; i--) {
      int order = Long.compareUnsigned(a[ao + i], p[i]);
      if (order != 0) {
        return order < 0;
      }
    }
    return false;
  }

  /// Whether a plain residue is above `(p - 1) / 2`.
  final boolean isAboveHalf(long[] plain) {
    for (int i = words - 1; i >= 0; i--) {
      int order = Long.compareUnsigned(plain[i], halfP[i]);
      if (order != 0) {
        return order > 0;
      }
    }
    return false;
  }

  /// The element of an integer; for constants.
  final long[] of(BigInteger value) {
    long[] r = limbs(value.mod(modulus));
    mul(r, r, r2);
    return r;
  }

  final long[] of(String hex) {
    return of(new BigInteger(hex, 16));
  }

  private long[] limbs(BigInteger value) {
    long[] r = new long[words];
    for (int i = 0; i < words; i++) {
      r[i] = value.shiftRight(64 * i).longValue();
    }
    return r;
  }
}
