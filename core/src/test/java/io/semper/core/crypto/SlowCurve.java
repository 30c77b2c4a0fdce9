package io.semper.core.crypto;

import java.math.BigInteger;

/// The group law of `y^2 = x^3 + b` over a prime field as in a textbook, on BigInteger. Null is the
/// point at infinity.
record SlowCurve(BigInteger p) {
  BigInteger[] add(BigInteger[] a, BigInteger[] b) {
    if (a == null) {
      return b;
    }
    if (b == null) {
      return a;
    }
    BigInteger slope;
    if (a[0].equals(b[0])) {
      if (a[1].add(b[1]).mod(p).signum() == 0) {
        return null;
      }
      BigInteger numerator = a[0].pow(2).multiply(BigInteger.valueOf(3));
      slope = numerator.multiply(a[1].shiftLeft(1).modInverse(p));
    } else {
      slope = b[1].subtract(a[1]).multiply(b[0].subtract(a[0]).modInverse(p));
    }
    BigInteger x = slope.pow(2).subtract(a[0]).subtract(b[0]).mod(p);
    return new BigInteger[] {x, slope.multiply(a[0].subtract(x)).subtract(a[1]).mod(p)};
  }

  BigInteger[] mul(BigInteger k, BigInteger[] a) {
    BigInteger[] r = null;
    for (int i = k.bitLength() - 1; i >= 0; i--) {
      r = add(r, r);
      if (k.testBit(i)) {
        r = add(r, a);
      }
    }
    return r;
  }
}
