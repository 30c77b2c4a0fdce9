package io.semper.core.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;

/// A prime field in Montgomery form: the residue `a` is stored as `a * 2^(limbBits * words) mod p`.
///
/// The operations everything else is made of, sums and products, are written out limb by limb in
/// the two subclasses, where the modulus is a compile-time constant; the rest is shared.
///
/// Instances hold no scratch and are shared by all threads.
abstract sealed class Fp extends Field permits Bn254Fp, Bls12381Fp {
  private static final VarHandle LONG_BE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private static final int WINDOW_BITS = 4;

  final BigInteger modulus;

  /// Bytes of a residue, whose plain form is as many 64-bit words, least significant first, as fit.
  final int bytes;

  private final int limbBits;
  final long[] p;
  final long[] halfP;
  private final long[] one;
  private final long[] r2;
  private final ModularInverse inverse;
  private final long[] inverseFix;
  private final BigInteger sqrtExponent;

  Fp(int words, int limbBits, BigInteger modulus) {
    super(words);
    this.modulus = modulus;
    this.limbBits = limbBits;
    int plainWords = (modulus.bitLength() + 63) / 64;
    bytes = 8 * plainWords;
    BigInteger r = BigInteger.ONE.shiftLeft(limbBits * words);
    p = limbs(modulus, plainWords, 64);
    halfP = limbs(modulus.shiftRight(1), plainWords, 64);
    one = limbs(r.mod(modulus));
    r2 = limbs(r.pow(2).mod(modulus));
    inverse = new ModularInverse(modulus, plainWords);
    inverseFix = limbs(r.pow(3).mod(modulus));
    sqrtExponent = modulus.add(BigInteger.ONE).shiftRight(2);
  }

  /// `r = a + b` on the elements that start at the given offsets.
  abstract void add(long[] r, int ro, long[] a, int ao, long[] b, int bo);

  /// `r = a - b` on the elements that start at the given offsets.
  abstract void sub(long[] r, int ro, long[] a, int ao, long[] b, int bo);

  /// `r = a * b` on the elements that start at the given offsets.
  abstract void mul(long[] r, int ro, long[] a, int ao, long[] b, int bo);

  /// `r = a + b` as an operand of multiplications alone, where up to four elements may be summed.
  abstract void sum(long[] r, int ro, long[] a, int ao, long[] b, int bo);

  /// `r = a + k b + l c` for small factors, at most 10 in all.
  abstract void linear(
      long[] r, int ro, long[] a, int ao, int k, long[] b, int bo, int l, long[] c, int co);

  abstract void neg(long[] r, int ro, long[] a, int ao);

  abstract void half(long[] r, int ro, long[] a, int ao);

  /// `r = a b` in [Fp2].
  ///
  /// @param s scratch for three elements
  abstract void mul2(long[] r, long[] a, long[] b, long[] s);

  /// `r = a^2` in [Fp2].
  ///
  /// @param s scratch for three elements
  abstract void sqr2(long[] r, long[] a, long[] s);

  /// The number an element is stored as, below the modulus, in 64-bit words.
  abstract void pack(long[] plain, long[] a, int ao);

  abstract void unpack(long[] r, int ro, long[] plain);

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

  @Override
  final void half(long[] r, long[] a) {
    half(r, 0, a, 0);
  }

  @Override
  final void inv(long[] r, long[] a) {
    inv(r, 0, a, 0);
  }

  /// The integer inverse of `aR` is `a^-1 R^-1`; a Montgomery product with `R^3` makes it `a^-1 R`.
  final void inv(long[] r, int ro, long[] a, int ao) {
    long[] plain = new long[p.length];
    pack(plain, a, ao);
    inverse.invert(plain, 0, plain, 0);
    unpack(r, ro, plain);
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

  /// Reads big-endian [#bytes]. False when the number is not below the modulus.
  final boolean read(long[] r, int ro, byte[] in, int at) {
    long[] plain = new long[p.length];
    for (int i = 0; i < plain.length; i++) {
      plain[i] = (long) LONG_BE.get(in, at + bytes - 8 - 8 * i);
    }
    if (compare(plain, p) >= 0) {
      return false;
    }
    unpack(r, ro, plain);
    mul(r, ro, r, ro, r2, 0);
    return true;
  }

  /// Writes big-endian [#bytes].
  final void write(byte[] out, int at, long[] a, int ao) {
    long[] plain = new long[p.length];
    toPlain(plain, a, ao);
    for (int i = 0; i < plain.length; i++) {
      LONG_BE.set(out, at + bytes - 8 - 8 * i, plain[i]);
    }
  }

  /// The residue itself, out of Montgomery form, in 64-bit words.
  final void toPlain(long[] plain, long[] a, int ao) {
    long[] t = new long[words];
    t[0] = 1;
    mul(t, 0, a, ao, t, 0);
    pack(plain, t, 0);
  }

  private static int compare(long[] a, long[] b) {
    for (int i = b.length - 1; i >= 0; i--) {
      if (a[i] != b[i]) {
        return Long.compareUnsigned(a[i], b[i]);
      }
    }
    return 0;
  }

  /// Whether a plain residue is above `(p - 1) / 2`.
  final boolean isAboveHalf(long[] plain) {
    return compare(plain, halfP) > 0;
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
    return limbs(value, words, limbBits);
  }

  private static long[] limbs(BigInteger value, int count, int bits) {
    BigInteger limit = BigInteger.ONE.shiftLeft(bits);
    long[] r = new long[count];
    for (int i = 0; i < count; i++) {
      r[i] = value.shiftRight(bits * i).mod(limit).longValue();
    }
    return r;
  }
}
