package io.semper.core.crypto;

import java.util.Arrays;

/// A field an elliptic curve is defined over: a prime field [Fp] or [Secp256k1Fp], or the quadratic
/// extension [Fp2] of a prime field.
///
/// An element is a bare `long[]` of [#words] limbs owned by the caller, least significant limb
/// first, in Montgomery form ([Secp256k1Fp]: plain). Zero is all zeros; whether other elements have
/// one form each is for the field to say ([Bn254Fp]: two). Operations write into their first
/// argument, which may be one of the operands, and allocate nothing.
abstract sealed class Field permits Fp, Fp2, Secp256k1Fp {
  /// Limbs of one element.
  final int words;

  Field(int words) {
    this.words = words;
  }

  final long[] zero() {
    return new long[words];
  }

  final long[][] zeros(int count) {
    return new long[count][words];
  }

  abstract long[] one();

  abstract void add(long[] r, long[] a, long[] b);

  abstract void sub(long[] r, long[] a, long[] b);

  abstract void neg(long[] r, long[] a);

  abstract void mul(long[] r, long[] a, long[] b);

  abstract void sqr(long[] r, long[] a);

  /// Half of `a`.
  abstract void half(long[] r, long[] a);

  /// The inverse; zero for zero.
  abstract void inv(long[] r, long[] a);

  /// A square root of `a`; false (and `r` undefined) when there is none.
  abstract boolean sqrt(long[] r, long[] a);

  final void twice(long[] r, long[] a) {
    add(r, a, a);
  }

  final void set(long[] r, long[] a) {
    System.arraycopy(a, 0, r, 0, words);
  }

  static boolean isZero(long[] a) {
    long any = 0;
    for (long limb : a) {
      any |= limb;
    }
    return any == 0;
  }

  final boolean equal(long[] a, long[] b) {
    if (Arrays.equals(a, b)) {
      return true;
    }
    long[] difference = zero();
    sub(difference, a, b);
    return isZero(difference);
  }
}
