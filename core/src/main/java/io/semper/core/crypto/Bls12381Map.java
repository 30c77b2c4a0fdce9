package io.semper.core.crypto;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// Mapping a field element to a point of G1 or G2 (RFC 9380, 8.8).
///
/// BLS12-381 has a = 0, which the simplified method of Shallue, van de Woestijne and Ulas cannot
/// serve (6.6.2), so an element is mapped to an isogenous curve `y^2 = x^3 + A'x + B'`, carried
/// over by the isogeny (6.6.3) and freed of the cofactor. Which of the two roots is y follows from
/// the element's sign.
///
/// An instance serves one of the two groups and belongs to one thread.
final class Bls12381Map {
  private final Curve curve;
  private final Field f;
  private final Constants constants;

  /// What the method needs for one group.
  private record Constants(
      long[] a, long[] b, long[] z, long[][] xNum, long[][] xDen, long[][] yNum, long[][] yDen) {}

  private static final Constants G1 =
      new Constants(
          elements(Bls12381Isogenies.G1_A, 1)[0],
          elements(Bls12381Isogenies.G1_B, 1)[0],
          Bls12381Fp.INSTANCE.of(BigInteger.valueOf(11)),
          elements(Bls12381Isogenies.G1_X_NUMERATOR, 1),
          elements(Bls12381Isogenies.G1_X_DENOMINATOR, 1),
          elements(Bls12381Isogenies.G1_Y_NUMERATOR, 1),
          elements(Bls12381Isogenies.G1_Y_DENOMINATOR, 1));

  private static final Constants G2 =
      new Constants(
          small(0, 240),
          small(1012, 1012),
          small(-2, -1),
          elements(Bls12381Isogenies.G2_X_NUMERATOR, 2),
          elements(Bls12381Isogenies.G2_X_DENOMINATOR, 2),
          elements(Bls12381Isogenies.G2_Y_NUMERATOR, 2),
          elements(Bls12381Isogenies.G2_Y_DENOMINATOR, 2));

  /// A root of `-z^3` for G1's z, which is no square, as -1 is none.
  private static final long[] SECOND_ROOT = secondRoot();

  private Bls12381Map(Curve curve, Constants constants) {
    this.curve = curve;
    this.constants = constants;
    f = curve.f;
  }

  private static long[] secondRoot() {
    Bls12381Fp fp = Bls12381Fp.INSTANCE;
    long[] r = fp.of(BigInteger.valueOf(11).pow(3).negate());
    if (!fp.sqrt(r, r)) {
      throw new AssertionError("-z^3 is a square");
    }
    return r;
  }

  private static long[] small(long real, long imaginary) {
    return Bls12381.fp2().of(BigInteger.valueOf(real), BigInteger.valueOf(imaginary));
  }

  /// Parses a table of numbers, `degree` of them to an element.
  private static long[][] elements(String table, int degree) {
    Bls12381Fp fp = Bls12381Fp.INSTANCE;
    List<String> numbers = table.lines().map(String::strip).toList();
    List<long[]> r = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i += degree) {
      long[] element = new long[degree * fp.words];
      for (int j = 0; j < degree; j++) {
        System.arraycopy(fp.of(numbers.get(i + j)), 0, element, j * fp.words, fp.words);
      }
      r.add(element);
    }
    return r.toArray(long[][]::new);
  }

  static Bls12381Map toG1(Curve g1) {
    return new Bls12381Map(g1, G1);
  }

  static Bls12381Map toG2(Curve g2) {
    return new Bls12381Map(g2, G2);
  }

  /// The point of the curve, not yet of the subgroup, that belongs to `u`.
  CurvePoint map(long[] u) {
    long[] x = f.zero();
    long[] y = f.zero();
    simplifiedSwu(x, y, u);
    return isogeny(x, y);
  }

  /// RFC 9380, 6.6.2.
  private void simplifiedSwu(long[] x, long[] y, long[] u) {
    long[] zu2 = f.zero();
    long[] t = f.zero();
    f.sqr(zu2, u);
    f.mul(zu2, zu2, constants.z);
    f.sqr(t, zu2);
    f.add(t, t, zu2);
    if (Field.isZero(t)) {
      f.mul(t, constants.z, constants.a);
      f.inv(t, t);
      f.mul(x, constants.b, t);
    } else {
      // x1 = (-B / A) (1 + 1 / t) = -B (t + 1) / (A t)
      f.add(x, t, f.one());
      f.mul(x, x, constants.b);
      f.neg(x, x);
      f.mul(t, t, constants.a);
      f.inv(t, t);
      f.mul(x, x, t);
    }
    rightHandSide(t, x);
    if (!f.sqrt(y, t)) {
      f.mul(x, x, zu2);
      if (f instanceof Fp) {
        // y^2 = -t, and the right hand side of the second x is (z u^2)^3 t.
        f.mul(y, y, SECOND_ROOT);
        f.mul(y, y, u);
        f.sqr(t, u);
        f.mul(y, y, t);
      } else if (!isSquareAt(y, x)) {
        throw new AssertionError("one of the two candidates is a square");
      }
    }
    if (sign(u) != sign(y)) {
      f.neg(y, y);
    }
  }

  private boolean isSquareAt(long[] y, long[] x) {
    long[] t = f.zero();
    rightHandSide(t, x);
    return f.sqrt(y, t);
  }

  private void rightHandSide(long[] r, long[] x) {
    f.sqr(r, x);
    f.add(r, r, constants.a);
    f.mul(r, r, x);
    f.add(r, r, constants.b);
  }

  /// The map's fractions over the common denominator `z = xDen yDen`, so that nothing is inverted.
  /// The poles of the map go to infinity.
  private CurvePoint isogeny(long[] x, long[] y) {
    long[] xDen = evaluate(constants.xDen, x);
    long[] yDen = evaluate(constants.yDen, x);
    CurvePoint r = curve.point();
    f.mul(r.z, xDen, yDen);
    // X = xNum xDen yDen^2, Y = y yNum xDen^3 yDen^2
    long[] t = f.zero();
    f.sqr(t, yDen);
    f.mul(t, t, xDen);
    f.mul(r.x, evaluate(constants.xNum, x), t);
    f.sqr(xDen, xDen);
    f.mul(t, t, xDen);
    f.mul(t, t, y);
    f.mul(r.y, evaluate(constants.yNum, x), t);
    return r;
  }

  private long[] evaluate(long[][] polynomial, long[] x) {
    long[] r = f.zero();
    for (int i = polynomial.length - 1; i >= 0; i--) {
      f.mul(r, r, x);
      f.add(r, r, polynomial[i]);
    }
    return r;
  }

  /// `sgn0` of RFC 9380, 4.1: the parity of the first coefficient that is not zero.
  private static int sign(long[] a) {
    Bls12381Fp fp = Bls12381Fp.INSTANCE;
    long[] plain = fp.zero();
    for (int at = 0; at < a.length; at += fp.words) {
      fp.toPlain(plain, a, at);
      if (!Field.isZero(plain)) {
        return (int) plain[0] & 1;
      }
    }
    return 0;
  }
}
