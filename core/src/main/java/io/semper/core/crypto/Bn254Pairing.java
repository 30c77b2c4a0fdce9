package io.semper.core.crypto;

import java.math.BigInteger;

/// The optimal ate pairing of alt_bn128, a Barreto-Naehrig curve with parameter `u =
/// 4965661367192848881` and a D-type twist.
///
/// The loop runs over `6u + 2` and ends with two additions of Frobenius images of Q (Vercauteren
/// 2010). The hard part is that of Fuentes-Castañeda, Knapp and Rodríguez-Henríquez (2011): three
/// powers by u.
final class Bn254Pairing extends Pairing {
  private static final BigInteger U = BigInteger.valueOf(4965661367192848881L);
  private static final byte[] U_DIGITS = signedDigits(U);
  private static final byte[] LOOP_DIGITS =
      signedDigits(U.multiply(BigInteger.valueOf(6)).add(BigInteger.TWO));
  private static final long[][] FROBENIUS = Fp12.frobeniusConstants(Bn254.fp2());

  /// `3 / xi`.
  private static final long[] TWIST_B = twistB();

  Bn254Pairing() {
    super(Bn254.fp2(), FROBENIUS, TWIST_B);
  }

  private static long[] twistB() {
    Fp2 f = Bn254.fp2();
    long[] r = f.zero();
    f.inv(r, f.xi());
    f.mul(r, r, f.of(BigInteger.valueOf(3), BigInteger.ZERO));
    return r;
  }

  static Curve twist() {
    return new Curve(Bn254.fp2(), TWIST_B);
  }

  /// The untwist-Frobenius-twist endomorphism, `(conjugate(x) xi^((p-1)/3), conjugate(y)
  /// xi^((p-1)/2))`; on the subgroup of order r it multiplies by p.
  static void psi(Fp2 f, CurvePoint r, CurvePoint p) {
    f.conjugate(r.x, p.x);
    f.mul(r.x, r.x, FROBENIUS[1]);
    f.conjugate(r.y, p.y);
    f.mul(r.y, r.y, FROBENIUS[4]);
    f.conjugate(r.z, p.z);
  }

  /// Whether a point of the twist has order r: `[u+1]Q + psi([u]Q) + psi^2([u]Q) = psi^3([2u]Q)`
  /// (Dai, Lin, Zhao, Zhou, "Fast subgroup membership testings on pairing-friendly curves", 2022).
  static boolean isInSubgroup(Curve twist, CurvePoint q) {
    Fp2 f = (Fp2) twist.f;
    CurvePoint uq = twist.point();
    twist.mul(uq, q, U.longValueExact());
    CurvePoint left = twist.point();
    twist.add(left, uq, q);
    CurvePoint image = twist.point();
    psi(f, image, uq);
    twist.add(left, left, image);
    psi(f, image, image);
    twist.add(left, left, image);
    psi(f, image, image);
    twist.dbl(image, image);
    return twist.equal(left, image);
  }

  @Override
  void mulByLine(long[][] m, Pair pair) {
    f.scale(lineY, lineY, pair.py);
    f.scale(lineX, lineX, pair.px);
    f12.mulByLineD(m, m, lineY, lineX, lineConstant);
  }

  @Override
  long[][] millerLoop() {
    long[][] m = loop(LOOP_DIGITS);
    CurvePoint image = new CurvePoint(f);
    for (Pair pair : pairs) {
      psi(f, image, pair.q);
      additionStep(pair.t, image);
      mulByLine(m, pair);
      psi(f, image, image);
      f.neg(image.y, image.y);
      additionStep(pair.t, image);
      mulByLine(m, pair);
    }
    return m;
  }

  /// The exponent is `2u (6u^2 + 3u + 1)` times the reduced one. Written to base p its digits are
  /// `1 + 6u + 12u^2 + 12u^3`, `4u + 6u^2 + 12u^3`, `6u + 6u^2 + 12u^3` and `-1 + 4u + 6u^2 +
  /// 12u^3`.
  @Override
  long[][] hardPart(long[][] m) {
    long[][] twoU = f12.zero();
    f12.cyclotomicPow(twoU, m, U_DIGITS);
    f12.cyclotomicSqr(twoU, twoU);
    long[][] sixU = f12.zero();
    f12.cyclotomicSqr(sixU, twoU);
    f12.mul(sixU, sixU, twoU);
    long[][] sixU2 = f12.zero();
    f12.cyclotomicPow(sixU2, sixU, U_DIGITS);
    long[][] t = f12.zero();
    f12.cyclotomicSqr(t, sixU2);
    long[][] digit2 = f12.zero();
    f12.cyclotomicPow(digit2, t, U_DIGITS);
    f12.mul(digit2, digit2, sixU2);
    f12.mul(digit2, digit2, sixU);
    long[][] digit1 = f12.zero();
    f12.conjugate(t, twoU);
    f12.mul(digit1, digit2, t);
    long[][] r = f12.zero();
    f12.mul(r, digit2, sixU2);
    f12.mul(r, r, m);
    f12.frobenius(t, digit1, 1);
    f12.mul(r, r, t);
    f12.frobenius(t, digit2, 2);
    f12.mul(r, r, t);
    f12.conjugate(t, m);
    f12.mul(t, t, digit1);
    f12.frobenius(t, t, 3);
    f12.mul(r, r, t);
    return r;
  }
}
