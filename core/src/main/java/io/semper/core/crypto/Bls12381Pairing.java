package io.semper.core.crypto;

import java.math.BigInteger;

/// The optimal ate pairing of BLS12-381, with parameter `z = -0xd201000000010000` and an M-type
/// twist.
///
/// The loop runs over |z|, and since z is negative its value is conjugated. The hard part is that
/// of Hayashida, Hayasaka and Teruya (2020), for the exponent `3 (p^4 - p^2 + 1) / r = (z - 1)^2 (z
/// + p) (z^2 + p^2 - 1) + 3`.
final class Bls12381Pairing extends Pairing {
  private static final byte[] Z_DIGITS =
      signedDigits(new BigInteger(Long.toUnsignedString(Bls12381Endomorphisms.Z)));
  private static final long[][] FROBENIUS = Fp12.frobeniusConstants(Bls12381.fp2());

  Bls12381Pairing() {
    super(Bls12381.fp2(), FROBENIUS, Bls12381.TWIST_B);
  }

  @Override
  void mulByLine(long[][] m, Pair pair) {
    f.scale(lineY, lineY, pair.py);
    f.scale(lineX, lineX, pair.px);
    f12.mulByLineM(m, m, lineConstant, lineX, lineY);
  }

  @Override
  long[][] millerLoop() {
    long[][] m = loop(Z_DIGITS);
    f12.conjugate(m, m);
    return m;
  }

  @Override
  long[][] hardPart(long[][] m) {
    long[][] s = f12.zero();
    long[][] t = f12.zero();
    long[][] r = f12.zero();
    powZLessOne(t, m);
    powZLessOne(s, t);
    // s = m^((z-1)^2); t = s^(z + p)
    powZ(t, s);
    f12.frobenius(r, s, 1);
    f12.mul(t, t, r);
    // s = t^(z^2 + p^2 - 1)
    powZ(r, t);
    powZ(s, r);
    f12.frobenius(r, t, 2);
    f12.mul(s, s, r);
    f12.conjugate(r, t);
    f12.mul(s, s, r);
    f12.cyclotomicSqr(r, m);
    f12.mul(r, r, m);
    f12.mul(r, r, s);
    return r;
  }

  private void powZ(long[][] r, long[][] a) {
    f12.cyclotomicPow(r, a, Z_DIGITS);
    f12.conjugate(r, r);
  }

  private void powZLessOne(long[][] r, long[][] a) {
    long[][] inverse = f12.zero();
    f12.conjugate(inverse, a);
    powZ(r, a);
    f12.mul(r, r, inverse);
  }
}
